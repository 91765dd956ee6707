//! A child process and its lines. It waits for none longer than it is told, leaves no process behind, and knows not what is said.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{self, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, Signal, kill_process_group};

/// The longest line that is read, in bytes.
const MOST_BYTES: usize = 1024 * 1024;

/// How a child is started, and how long each of its answers may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The longest wait for one answer.
    pub limit: Duration,
    /// Where what it writes to its standard error goes.
    pub errors: Errors,
}

/// Where what a child writes to its standard error goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// To that of this process.
    Through,
    /// Nowhere.
    Dropped,
}

/// The command as a shell would read it.
impl fmt::Display for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.command.iter().map(|word| quoted(word)).collect();
        f.write_str(&words.join(" "))
    }
}

fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,+@%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if word.contains(char::is_control) {
        format!("$'{}'", word.escape_debug())
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Why no line comes.
#[derive(Debug)]
pub(super) enum NoLine {
    /// The child has ended.
    Ended(String),
    /// It runs, but has closed its standard output.
    Closed,
    /// Nothing came in time.
    Silent,
    /// The line has no end.
    TooLong,
}

/// The process groups of the children that run.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Ends this process with that status, and before it every child that runs, with the processes that it started. None starts meanwhile.
pub fn exit_with_children(status: i32) -> ! {
    let running = running();
    running.iter().copied().for_each(kill);
    process::exit(status)
}

fn running() -> MutexGuard<'static, Vec<Pid>> {
    RUNNING.lock().expect("nothing panics while it holds the lock")
}

/// A group without processes is no longer there.
fn kill(group: Pid) {
    let _ = kill_process_group(group, Signal::KILL);
}

/// A running child. It and the processes that it started are killed when this is dropped.
pub(super) struct Child {
    limit: Duration,
    group: Option<Pid>,
    /// What is still to be written; its end is that of the child's standard input.
    input: Option<Sender<Vec<u8>>>,
    output: ChildStdout,
    status: Receiver<io::Result<ExitStatus>>,
    ended: Option<String>,
    read: Vec<u8>,
    /// How much of what was read is taken.
    taken: usize,
    /// The longest wait for a line that came.
    pub(super) slowest: Duration,
}

impl Child {
    /// Starts it, in a process group of its own.
    pub(super) fn start(launch: &Launch) -> io::Result<Child> {
        let (program, arguments) = launch.command.split_first().ok_or_else(|| io::Error::other("there is no program"))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        if launch.errors == Errors::Dropped {
            command.stderr(Stdio::null());
        }
        let mut running = running();
        let mut process = command.spawn()?;
        let group = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        running.extend(group);
        drop(running);
        let output = process.stdout.take().expect("it was asked for");
        let input = writer(process.stdin.take());
        let status = waiter(process);
        Ok(Child {
            limit: launch.limit,
            group,
            input: Some(input),
            output,
            status,
            ended: None,
            read: Vec::new(),
            taken: 0,
            slowest: Duration::ZERO,
        })
    }

    /// Hands lines on to it; a child that does not read them will be silent.
    pub(super) fn write(&mut self, lines: Vec<u8>) {
        // A writer that is gone has met the end of the child, which the next answer tells.
        let _ = self.input.as_ref().map(|input| input.send(lines));
    }

    /// Its next line, without the end.
    pub(super) fn line(&mut self) -> Result<&[u8], NoLine> {
        let asked = Instant::now();
        let mut searched = self.taken;
        let end = loop {
            if let Some(end) = self.read[searched..].iter().position(|byte| *byte == b'\n') {
                break searched + end;
            }
            searched = self.read.len() - self.taken;
            self.read.drain(..self.taken);
            self.taken = 0;
            self.read_more(asked + self.limit)?;
            self.slowest = self.slowest.max(asked.elapsed());
        };
        let line = self.taken..end;
        self.taken = end + 1;
        Ok(&self.read[line])
    }

    fn read_more(&mut self, deadline: Instant) -> Result<(), NoLine> {
        if self.read.len() > MOST_BYTES {
            return Err(NoLine::TooLong);
        }
        match self.output_within(deadline.saturating_duration_since(Instant::now())) {
            Ok(0) => Err(self.status_within(self.limit).map_or(NoLine::Closed, NoLine::Ended)),
            Ok(_) => Ok(()),
            Err(_) => Err(self.status_within(Duration::ZERO).map_or(NoLine::Silent, NoLine::Ended)),
        }
    }

    /// Reads what is there, or comes soon enough; 0 at its end.
    fn output_within(&mut self, wait: Duration) -> io::Result<usize> {
        let wait = Timespec::try_from(wait).map_err(io::Error::other)?;
        let mut output = [PollFd::new(&self.output, PollFlags::IN)];
        if retry_on_intr(|| poll(&mut output, Some(&wait)))? == 0 {
            return Err(Errno::TIMEDOUT.into());
        }
        let mut bytes = [0; 64 * 1024];
        let count = self.output.read(&mut bytes)?;
        self.read.extend(&bytes[..count]);
        Ok(count)
    }

    /// How it ended, if it does so soon enough.
    fn status_within(&mut self, wait: Duration) -> Option<String> {
        if self.ended.is_none() {
            let told = self.status.recv_timeout(wait).ok()?;
            self.ended = Some(told.map_or_else(|error| error.to_string(), |status| status.to_string()));
        }
        self.ended.clone()
    }

    /// Ends its standard input, and gives it time to end by itself.
    pub(super) fn finish(mut self) {
        self.input = None;
        let _ = self.status_within(self.limit);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.input = None;
        running().retain(|group| Some(*group) != self.group);
        self.group.into_iter().for_each(kill);
        let _ = self.status_within(self.limit);
    }
}

fn writer(stdin: Option<process::ChildStdin>) -> Sender<Vec<u8>> {
    let (input, lines) = mpsc::channel::<Vec<u8>>();
    thread::spawn(move || {
        let Some(mut stdin) = stdin else { return };
        while let Ok(lines) = lines.recv() {
            if stdin.write_all(&lines).is_err() {
                return;
            }
        }
    });
    input
}

fn waiter(mut process: process::Child) -> Receiver<io::Result<ExitStatus>> {
    let (tell, status) = mpsc::channel();
    thread::spawn(move || tell.send(process.wait()));
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_as_a_shell_reads_it() {
        let command = ["python3", "my impl.py", "--x=1", "", "it's", "\\n", "a\nb"].map(str::to_owned).to_vec();
        let launch = Launch { command, limit: Duration::ZERO, errors: Errors::Through };
        assert_eq!(launch.to_string(), r"python3 'my impl.py' --x=1 '' 'it'\''s' '\n' $'a\nb'");
    }
}
