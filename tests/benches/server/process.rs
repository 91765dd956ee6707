//! A server process, and what the kernel says of it. It ends with its handle.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::str::FromStr;
use std::time::Duration;

/// What the kernel counts processor time in, on every machine that this runs on.
const TICK: Duration = Duration::from_millis(10);

/// A process that is read off.
#[derive(Clone, Copy)]
pub(crate) struct Usage(pub(crate) u32);

impl Usage {
    /// How long it has had a processor, all its threads together.
    pub(crate) fn cpu(self) -> Duration {
        let stat = self.read("stat");
        let behind_its_name = stat.rsplit_once(") ").expect("it has a name").1;
        let times = behind_its_name.split(' ').skip(11).take(2);
        TICK * times.map(number::<u32>).sum::<u32>()
    }

    /// How much of its memory is there, in bytes.
    pub(crate) fn resident(self) -> u64 {
        self.line("status", "VmRSS:") * 1024
    }

    /// How much it has made the kernel write to a disk, in bytes.
    pub(crate) fn written(self) -> u64 {
        self.line("io", "write_bytes:")
    }

    fn line(self, file: &str, name: &str) -> u64 {
        let text = self.read(file);
        let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel says so");
        number(line.trim().trim_end_matches(" kB"))
    }

    fn read(self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.0)).expect("the process runs")
    }
}

/// The number that is written there.
pub(crate) fn number<N: FromStr>(text: &str) -> N {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// A server that is this binary.
pub(crate) struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
    pub(crate) usage: Usage,
}

impl Process {
    /// Starts it with these words; it listens.
    pub(crate) fn start(words: &[&str]) -> Process {
        let mut command = Command::new(env::current_exe().expect("it runs"));
        let mut child = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it can be run again");
        let (questions, answers) = (child.stdin.take().expect("it is piped"), child.stdout.take().expect("it is piped"));
        let (usage, mut answers) = (Usage(child.id()), BufReader::new(answers));
        let address = number(&line(&mut answers));
        Process { child, questions, answers, address, usage }
    }

    /// What it answers to a question of [`super::serving`].
    pub(crate) fn ask(&mut self, question: &str) -> String {
        writeln!(self.questions, "{question}").expect("it reads");
        line(&mut self.answers)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).expect("it writes text");
    line.trim_end().to_owned()
}
