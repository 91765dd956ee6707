//! The shape of the workspace: `model` and `sut` never meet, the rules stand in the same order everywhere, files stay short. It reads
//! manifests and sources as text and runs nothing of either side.

#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod places;
#[cfg(test)]
mod rule_lists;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's top level.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is a folder of the workspace").to_path_buf()
}

/// A text and where it is, from the workspace's top level.
pub(crate) type Text = (String, String);

/// Every Rust file below a folder, by path.
pub(crate) fn rust_files(folder: &str) -> Vec<Text> {
    let mut files = Vec::new();
    let mut open = vec![top().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be read") {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push((name(&path), fs::read_to_string(&path).expect("a source is text")));
            }
        }
    }
    assert!(!files.is_empty(), "there is no Rust in {folder}");
    files.sort();
    files
}

/// A path as it is called from the top level, with slashes.
fn name(path: &Path) -> String {
    let below = path.strip_prefix(top()).expect("only files of the workspace are read");
    below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}
