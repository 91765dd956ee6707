//! Files that state a policy, and files that state none.

use super::*;

#[test]
fn a_file_states_what_a_word_says() {
    let rows = [
        ("", "dual"),
        ("classes = \"triple\"", "triple"),
        ("at_limit = \"refuse\"", "dual+refuse"),
        ("classes = \"multi\"\nat_limit = \"kick\"", "multi"),
        ("[classes]\ndesk = [\"till\", \"office\"]\nmobile = [\"phone\"]", "own=till,office.phone"),
        ("counted = \"account\"\nlimit = 1\nclasses = \"multi\"", "multi+account=1"),
        ("counted = \"account\"\nlimit = 255\nclasses = { desk = [\"till\"] }", "own=till+account=255"),
        ("at_limit = \"refuse\"\nclasses = { all = [\"Web\", \"app\"] }\nlimits = { app = 3, Web = 1 }", "own=Web,app=3+refuse"),
    ];
    for (text, word) in rows {
        assert_eq!(stated(text).map(|policy| policy.to_string()), Ok(word.to_owned()), "{text}");
    }
}

#[test]
fn a_value_is_a_file_where_it_looks_like_one() {
    for (text, expected) in
        [("shop.toml", true), ("./shop", true), ("policies/shop.toml", true), ("dual", false), ("own=a.toml2", false)]
    {
        assert_eq!(is_policy_file(text), expected, "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = read(Path::new("no/such.toml")).unwrap_err().to_string();
    assert_eq!(error, "no/such.toml: cannot be read: No such file or directory (os error 2)");
    let (folder, text) = (tempfile::tempdir().unwrap(), vec![b'#'; 64 * 1024 + 1]);
    let path = folder.path().join("long.toml");
    std::fs::write(&path, &text).unwrap();
    assert_eq!(read(&path).unwrap_err().what, "cannot be read: it is too long; 65536 bytes are the most");
    std::fs::write(&path, &text[1..]).unwrap();
    assert_eq!(read(&path), Ok(Policy::DUAL));
    std::fs::write(&path, [0xff]).unwrap();
    assert_eq!(read(&path).unwrap_err().what, "cannot be read: stream did not contain valid UTF-8");
}
