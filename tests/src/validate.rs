//! The other direction: journals of the real system, held against the model. Is there a run of the model that explains every line?
//!
//! The lines of one instance, and those of one node, stand in their order; between them only frames order anything, each being taken
//! after it was written. Everything that happened is a line and thereby an action of the model, but for two inner steps that nobody
//! logs: the cut of a link, and the server's loss of a link on which it never heard anything. `run` walks the node's lines in their
//! order, lets each instance go on as far as the next of them needs, and puts an inner step in where nothing else can have been. An
//! instance and the node meet in frames only, so that any order that keeps frames behind their writing leads to the same: there is
//! nothing to choose between, and every history that the model has room for is decided. Accounts that share no instance never meet at all, as nothing in a judged
//! journal goes from one account to another, and are decided apart.
//!
//! Journals of several nodes are explained by the orders that those keep, in `validate/several`.
//!
//! What a judged journal of one node must not hold is said when it is read: messages that were sent, and logins that were refused with 70050. Sends
//! that are refused are judged. It knows the format of the journal and the model, and nothing of how the system decides.

pub(crate) mod blame;
mod book;
mod client;
mod commits;
mod expected;
mod finding;
mod history;
mod read;
mod run;
mod seating;
mod server;
mod several;
mod whole;

use std::path::PathBuf;

pub use finding::{Finding, Law};
pub use read::CannotRead;

use crate::parallel::in_parallel;
use history::History;

/// What became of a set of journals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many lines there are.
    pub events: usize,
    /// How many instances they speak of.
    pub instances: usize,
    /// How many groups of accounts were decided apart.
    pub histories: usize,
    /// How many instances spoke to the node for one account at the same time, at most, whatever the order of the files.
    pub overlapping: usize,
    /// How many commits that several nodes tell their registry lost with a primary.
    pub lost: usize,
    /// The first line that no run explains; `None` if all are explained.
    pub finding: Option<Finding>,
}

/// Decides the journals in these files, which belong together, on that many threads.
///
/// # Errors
/// [`CannotRead`] if a file cannot be read or a line is none.
pub fn validate(files: &[PathBuf], threads: usize) -> Result<Verdict, CannotRead> {
    if let Some(file) = files.iter().enumerate().find_map(|(at, file)| files[..at].contains(file).then_some(file)) {
        return Err(CannotRead::Twice(file.clone()));
    }
    let texts = files.iter().map(|file| read::text(file)).collect::<Result<Vec<_>, _>>()?;
    let named: Vec<_> = files.iter().map(|file| file.display().to_string()).zip(texts.iter().map(Vec::as_slice)).collect();
    validate_texts(&named, threads)
}

/// The same for texts, each with a name.
///
/// # Errors
/// [`CannotRead`] if a line is none, or none is there.
pub fn validate_texts(texts: &[(String, &[u8])], threads: usize) -> Result<Verdict, CannotRead> {
    let journal = read::journal(texts)?;
    if journal.lines == 0 {
        return Err(CannotRead::Nothing);
    }
    let (events, instances, overlapping) = (journal.lines, journal.instances.len(), journal.overlapping());
    let (missing, early) = (journal.missing(), journal.out_of_sequence());
    let (histories, (found, lost)) = match journal.nodes.is_empty() {
        true => {
            let histories = history::split(journal);
            (histories.len(), (decide(&histories, threads), 0))
        }
        false => (journal.accounts(), several::explain(&journal)),
    };
    let mut finding = match missing {
        Some(missing) => Some(missing),
        // Of what is noticed at one line, the gap in its sequence comes first; what the model has no room for comes last of all.
        None => early.into_iter().chain(found).min_by_key(|finding| (finding.law == Law::Room, finding.place)),
    };
    if let Some(finding) = &mut finding {
        finding.file = texts[finding.place.file].0.clone();
    }
    Ok(Verdict { events, instances, histories, overlapping, lost, finding })
}

/// The first finding of each history.
fn decide(histories: &[History], threads: usize) -> Vec<Finding> {
    let explained = in_parallel(histories, threads, run::explain);
    explained.into_iter().filter_map(Result::err).map(|finding| *finding).collect()
}
