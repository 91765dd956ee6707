//! Identities in files.

use std::os::unix::fs::PermissionsExt;

use tempfile::{TempDir, tempdir};

use super::*;

fn folder_and_file() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let file = folder.path().join("identity");
    (folder, file)
}

fn names(folder: &TempDir) -> Vec<String> {
    fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn an_identity_is_made_once_and_read_back_from_then_on() {
    let (folder, file) = folder_and_file();
    let made = Identity::load_or_create(&file, Platform::IPad).unwrap();
    assert_eq!(Identity::load_or_create(&file, Platform::IPad).unwrap(), made);
    assert_eq!(names(&folder), ["identity"]);
    let Options { sdk_app_id, platform, key, epoch } = made.options(7);
    assert_eq!((sdk_app_id, platform, epoch), (7, Platform::IPad, Epoch(0)));
    let digits = format!("{:032x}", key.0);
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("{{\"platform\":\"iPad\",\"key\":\"{digits}\"}}\n"));
}

#[test]
fn only_its_owner_may_read_it() {
    let (_folder, file) = folder_and_file();
    Identity::load_or_create(&file, Platform::Web).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn two_instances_have_two_identities() {
    let (_folder, file) = folder_and_file();
    let first = Identity::load_or_create(&file, Platform::Web).unwrap();
    assert_ne!(Identity::load_or_create(&file.with_extension("other"), Platform::Web).unwrap(), first);
}

#[test]
fn an_identity_that_another_process_made_meanwhile_is_taken() {
    let (folder, file) = folder_and_file();
    let made = Identity::load_or_create(&file, Platform::Web).unwrap();
    assert_eq!(create(&file, Platform::Web).unwrap(), made);
    assert_eq!(names(&folder), ["identity"]);
}

#[test]
fn a_broken_file_is_named_left_as_it_is_and_tells_no_key() {
    let key = "0123456789abcdef0123456789abcdef";
    let rows = [
        String::new(),
        key.to_owned(),
        format!("\"{key}\""),
        format!(r#"{{"platform":"Web","key":"{key}""#),
        format!(r#"{{"platform":"Web","key":"{key}0"}}"#),
        format!(r#"{{"platform":"Web\nMac","key":"{key}"}}"#),
        format!(r#"{{"platform":"Web","key":"{key}","epoch":1}}"#),
    ];
    for text in rows {
        let (_folder, file) = folder_and_file();
        fs::write(&file, &text).unwrap();
        let error = Identity::load_or_create(&file, Platform::Web).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}: the file holds no identity: ", file.display())), "{error}");
        assert!(error.ends_with("and is made anew if it is moved away") && error.lines().count() == 1, "{error}");
        assert!(!error.contains("abcdef"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn an_identity_of_another_platform_is_not_taken() {
    let (_folder, file) = folder_and_file();
    Identity::load_or_create(&file, Platform::Web).unwrap();
    let error = Identity::load_or_create(&file, Platform::Mac).unwrap_err().to_string();
    let expected = "the identity is of Web, and Mac is asked for; another platform needs another file";
    assert_eq!(error, format!("{}: {expected}", file.display()));
}

#[test]
fn a_file_that_cannot_be_read_or_made_is_named_in_one_line() {
    let (folder, file) = folder_and_file();
    let below = Identity::load_or_create(&file.join("below"), Platform::Web).unwrap_err().to_string();
    let expected = "the identity cannot be kept: entity not found; its folder must be there and may be written to";
    assert_eq!(below, format!("{}: {expected}", file.join("below").display()));
    let is_folder = Identity::load_or_create(folder.path(), Platform::Web).unwrap_err().to_string();
    assert!(is_folder.starts_with(&format!("{}: the identity cannot be read: ", folder.path().display())), "{is_folder}");
}
