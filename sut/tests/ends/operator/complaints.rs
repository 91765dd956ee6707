//! What the log says of a registry that is out of reach.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use sut::session::Platform;
use tokio::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::super::system::{pass, sig};
use super::{Broken, on};

/// The errors that were logged.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Words(&self.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Words<'a>(&'a Mutex<Vec<String>>);

impl Visit for Words<'_> {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        self.0.lock().unwrap().push(format!("{value:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_is_out_of_reach_is_a_line_a_second_and_no_more() {
    let errors = Errors::default();
    let _logging = tracing::subscriber::set_default(errors.clone());
    let system = on(Broken::OutOfReach);
    for seconds in 0..2 {
        for _ in 0..3 {
            let (client, _events) = system.instance(Platform::Web);
            assert_eq!(client.login("alice", sig("alice")).await.unwrap_err().code.number(), 70169);
        }
        assert_eq!(*errors.0.lock().unwrap(), vec!["registry out of reach: down"; seconds + 1]);
        pass(Duration::from_secs(1)).await;
    }
}
