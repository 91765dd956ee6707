//! The processes of a round: a Redis server, the nodes, and each node's way to the server. They end with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use rustix::process::Signal;
use tokio::task::spawn_blocking;

use super::super::page::pause;
use super::super::stream;
use super::Plan;
use super::door::Nodes;
use super::engine::Engine;
use super::process::{Launch, Node};
use super::truth::by_a_deadline;
use super::way::Way;

/// How many times the time between two questions a lease holds, and one more to notice that it ran out.
const LEASE: u32 = 4;

/// What a node says whose lease ran out.
const LEASE_RAN_OUT: &str = "the lease ran out";

pub(super) struct Rig {
    pub(super) engine: Engine,
    /// The rule by which everybody knows the truth in time.
    pub(super) law: &'static str,
    pub(super) ways: Vec<Way>,
    /// The nodes, as the crowd's doors lead to them.
    pub(super) doors: Arc<Mutex<Nodes>>,
    nodes: Vec<Option<Node>>,
    launches: Vec<Launch>,
    /// How many processes were started.
    lives: usize,
    journals: Vec<PathBuf>,
    folder: PathBuf,
    poll: Duration,
    random: StdRng,
}

impl Rig {
    /// Starts everything; the doors lead to all nodes.
    pub(super) async fn start(plan: &Plan, sentinels: usize, folder: &Path, seed: u64) -> io::Result<Rig> {
        let engine = Engine::start(folder, sentinels).await?;
        let ways = (0..plan.nodes).map(|_| Way::to(engine.address().to_owned())).collect::<io::Result<Vec<_>>>()?;
        let launch = |(number, way): (usize, &Way)| Launch {
            binary: plan.binary.clone(),
            registry: if sentinels > 0 { engine.url() } else { way.url() },
            name: format!("n{}", number + 1),
            poll: plan.poll,
            planted: plan.planted,
            folder: folder.to_owned(),
        };
        let launches: Vec<_> = ways.iter().enumerate().map(launch).collect();
        let (doors, nodes, journals) = (Arc::default(), launches.iter().map(|_| None).collect(), Vec::new());
        let (folder, poll, random) = (folder.to_owned(), plan.poll, stream(seed, u64::MAX - 1));
        let law = if sentinels > 0 { "NODE-5" } else { "NODE-2" };
        let mut rig = Rig { engine, law, ways, doors, nodes, launches, lives: 0, journals, folder, poll, random };
        for number in 0..plan.nodes {
            rig.start_again(number).await?;
        }
        Ok(rig)
    }

    fn doors(&self) -> MutexGuard<'_, Nodes> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of the nodes, by chance.
    pub(super) fn a_node(&mut self) -> usize {
        self.random.random_range(0..self.nodes.len())
    }

    /// Longer than a lease holds, with a question to notice it.
    pub(super) fn lease(&self) -> Duration {
        self.poll * LEASE
    }

    /// Longer than a node takes to ask what it was not told.
    pub(super) fn asks_within(&self) -> Duration {
        2 * self.poll
    }

    /// A process takes the node's place.
    pub(super) async fn start_again(&mut self, number: usize) -> io::Result<()> {
        self.lives += 1;
        let (launch, life) = (self.launches[number].clone(), self.lives);
        let node = spawn_blocking(move || launch.start(life)).await.map_err(io::Error::other)??;
        self.journals.push(node.journal.clone());
        self.doors().open(number, node.address.clone());
        self.nodes[number] = Some(node);
        Ok(())
    }

    /// No new link leads to the node.
    pub(super) fn close(&self, number: usize) {
        self.doors().close(number);
    }

    /// It dies on the spot.
    pub(super) fn kill(&mut self, number: usize) {
        self.close(number);
        self.nodes[number] = None;
    }

    pub(super) fn signal(&self, number: usize, signal: Signal) -> io::Result<()> {
        self.nodes[number].as_ref().map_or(Ok(()), |node| node.process.signal(signal))
    }

    /// Links lead to the node again once it says that it is ready.
    pub(super) async fn open_once_ready(&self, number: usize) -> Result<(), String> {
        let Some(node) = &self.nodes[number] else { return Ok(()) };
        let is_ready = async || match node.get("/ready") {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => Ok(()),
            Ok(answer) => Err(format!("a node is not ready: {}", answer.lines().last().unwrap_or_default())),
            Err(error) => Err(format!("a node does not say whether it is ready: {error}")),
        };
        by_a_deadline(is_ready).await?;
        self.doors().open(number, node.address.clone());
        Ok(())
    }

    /// How many sessions the nodes hold, all together.
    pub(super) fn sessions(&self) -> io::Result<usize> {
        self.nodes.iter().flatten().map(Node::sessions).sum()
    }

    /// Whether a node has said that its lease ran out.
    pub(super) fn a_lease_ran_out(&self) -> io::Result<bool> {
        let mut files = fs::read_dir(&self.folder)?.collect::<io::Result<Vec<_>>>()?;
        files.retain(|file| file.path().extension().is_some_and(|ending| ending == "log"));
        files.iter().try_fold(false, |said, log| Ok(said | fs::read_to_string(log.path())?.contains(LEASE_RAN_OUT)))
    }

    /// Ends everything; what the nodes have written.
    pub(super) async fn end(mut self) -> io::Result<Vec<PathBuf>> {
        for node in self.nodes.iter().flatten() {
            node.process.signal(Signal::TERM)?;
        }
        for node in self.nodes.iter_mut().flatten() {
            let mut ends = async || match node.process.0.try_wait() {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err("a node does not end".to_owned()),
                Err(error) => Err(error.to_string()),
            };
            by_a_deadline(&mut ends).await.map_err(io::Error::other)?;
        }
        pause(Duration::ZERO).await;
        Ok(self.journals)
    }
}
