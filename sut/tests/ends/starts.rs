//! A node that starts on a registry of which not all can be loaded.

use std::collections::VecDeque;
use std::sync::Mutex;

use sut::registry::memory::Memory;
use sut::registry::{Layer, Registry, Unreachable, Version};
use sut::session::Record;

use super::system::server;

/// A registry whose next loads come to this; those behind them are done.
struct Script(Memory, Mutex<VecDeque<Load>>);

#[derive(Clone, Copy)]
enum Load {
    Done,
    Fails,
}

impl Layer for Script {
    type Within = Memory;

    fn within(&self) -> &Memory {
        &self.0
    }

    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        let next = self.1.lock().unwrap().pop_front();
        match next.unwrap_or(Load::Done) {
            Load::Done => self.within().load(user_id).await,
            Load::Fails => Err(Unreachable("down".to_owned())),
        }
    }
}

/// How many of two accounts a start finds.
async fn found(loads: &[Load]) -> Result<usize, Unreachable> {
    let memory = Memory::default();
    for user_id in ["alice", "bob"] {
        memory.commit(user_id, Version(0), Record { rest_kick_s: Some(1), ..Record::default() }, vec![]).await.unwrap();
    }
    server().restore_all(&Script(memory, Mutex::new(loads.iter().copied().collect()))).await
}

#[tokio::test]
async fn an_account_is_left_out_once_it_alone_fails_twice_and_a_registry_out_of_reach_ends_the_start() {
    use Load::{Done, Fails};
    assert_eq!(found(&[]).await, Ok(2));
    assert_eq!(found(&[Fails, Done, Done]).await, Ok(2));
    assert_eq!(found(&[Fails, Done, Fails]).await, Ok(1));
    assert_eq!(found(&[Fails, Fails]).await, Err(Unreachable("down".to_owned())));
}
