//! What a close says on the link of an instance that is no page: nothing but that the link is lost (LINK-6, LINK-4).

use super::*;

const NO_PAGES: [Platform; 6] =
    [Platform::Android, Platform::IPhone, Platform::IPad, Platform::Windows, Platform::Mac, Platform::Linux];

#[test]
fn whatever_closes_the_link_of_a_phone_or_a_desktop_it_keeps_its_place_for_400_s() {
    for platform in NO_PAGES {
        for close in [Some(1000), Some(1001), Some(1005), Some(4000), None] {
            let mut node = Node::new();
            node.takes(up(1));
            node.takes(says(1, login_from(1, "alice", platform)));
            let effects = node.takes_at(NOW, down(1, close));
            let lapses: Vec<_> = effects
                .iter()
                .filter_map(|effect| match effect {
                    Effect::Arm { timer: Timer::Lapse { .. }, after } => Some(after.as_secs()),
                    Effect::Arm { .. }
                    | Effect::Load { .. }
                    | Effect::Commit { .. }
                    | Effect::Committed { .. }
                    | Effect::Send { .. }
                    | Effect::Close { .. }
                    | Effect::Disarm { .. }
                    | Effect::Reply { .. } => None,
                })
                .collect();
            assert_eq!((lapses, node.online("alice")), (vec![400], vec![1]), "{platform} closed with {close:?}");
        }
    }
}
