//! Each platform's limit by each way of changing it: in force after the period and not before, and no other limit with it (CONF-1).

use sut::config::Settings;

use super::*;

/// How a limit is changed.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// The configuration file says so, and is loaded anew.
    File,
    /// An administrator's call says so.
    Rest,
}

/// What every platform's limit is then, but for those in the test's app.
const CHANGED: usize = 3;

async fn change(system: &Changeable, way: Way, platform: Platform) {
    match way {
        Way::File => {
            let limits = if platform == Platform::Web { String::new() } else { "Web = 2\n".to_owned() };
            let file = format!("sdk_app_id = 1\nsecret_key = \"key\"\n[limits]\n{limits}{platform} = {CHANGED}\n");
            system.server.load_terms(Settings::from_toml(&file).unwrap().app.terms()).await.unwrap();
        }
        Way::Rest => system.set(&format!(r#"{{"Limits":{{"{platform}":{CHANGED}}}}}"#)).await,
    }
}

/// How many instances of each platform may be online.
async fn limits(system: &mut Changeable) -> Vec<(Platform, usize)> {
    let mut limits = Vec::new();
    for platform in Platform::ALL {
        limits.push((platform, system.stay([platform; CHANGED + 1]).await));
    }
    limits
}

fn limits_with(changed: Option<Platform>) -> Vec<(Platform, usize)> {
    let before = |platform| usize::from(app().limits.of(platform));
    let limit = |platform| if changed == Some(platform) { CHANGED } else { before(platform) };
    Platform::ALL.into_iter().map(|platform| (platform, limit(platform))).collect()
}

/// What is wrong with a change of each platform's limit by each way.
async fn wrong() -> Vec<String> {
    let mut wrong = Vec::new();
    for way in [Way::File, Way::Rest] {
        for platform in Platform::ALL {
            let mut system = Changeable::new();
            change(&system, way, platform).await;
            advance(BEFORE).await;
            if limits(&mut system).await != limits_with(None) {
                wrong.push(format!("{platform} by {way:?} is changed too early"));
            }
            advance(REST).await;
            if limits(&mut system).await != limits_with(Some(platform)) {
                wrong.push(format!("{platform} by {way:?} is not changed"));
            }
        }
    }
    wrong
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_every_platform_changes_after_the_period_by_file_and_by_rest_and_no_other_does() {
    assert_eq!(wrong().await, Vec::<String>::new());
}

#[cfg(debug_assertions)]
mod planted {
    use sut::planted::{Unreplayed, plant_unreplayed};

    async fn wrong_with(bug: Unreplayed) -> Vec<String> {
        plant_unreplayed(Some(bug));
        let wrong = super::wrong().await;
        plant_unreplayed(None);
        wrong
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_one_platform_that_is_in_force_at_once_is_seen() {
        let wrong = wrong_with(Unreplayed::Conf1MacAtOnce).await;
        assert_eq!(wrong, ["Mac by File is changed too early", "Mac by Rest is changed too early"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_of_another_platform_than_web_that_is_lost_is_seen() {
        let wrong = wrong_with(Unreplayed::Conf1WebOnly).await;
        let lost = ["Android", "iPhone", "iPad", "Windows", "Mac", "Linux"];
        assert_eq!(wrong, lost.map(|platform| format!("{platform} by Rest is not changed")));
    }
}
