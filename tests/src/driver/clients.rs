//! The instances of a replay, whatever program they are: what is done to one, and what its application was told. It knows no frame and no
//! rule.

use model::action::{InstanceId, NodeId};
use sut::client::machine::Options;

use super::clock::{Kind, Moment};
use super::log::Told;
use super::side::{Called, Done, Shown};

/// The clients of a transport.
pub(super) trait Clients {
    /// A fresh instance of these options takes a seat, and lives by that moment.
    fn renew(&mut self, seat: InstanceId, options: Options, moment: &Moment);

    /// An application calls; the answer comes under that number.
    fn call(&mut self, seat: InstanceId, call: u64, called: Called);

    /// The instance gets the link that it waits for, which leads to that node.
    fn open(&mut self, seat: InstanceId, link: u64, node: NodeId) -> Done;

    /// The link that the instance waits for cannot be opened.
    fn fail_to_open(&mut self, seat: InstanceId) -> Done;

    /// The page goes in which the instance runs.
    fn close_page(&mut self, seat: InstanceId);

    /// Whether a browser closes the link of a page that goes, and not the harness in its place.
    fn closes_by_itself(&self) -> bool {
        false
    }

    /// Fires the timer of that kind that the instance armed first, which moves the replay's moment on.
    fn fire_at(&mut self, seat: InstanceId, timer: Kind) -> Done;

    /// Tells what the instance in a seat says of itself.
    fn show(&self, seat: InstanceId, tell: &mut dyn FnMut(Shown<'_>));

    /// The oldest thing that an application was told since the last look.
    fn told(&mut self) -> Option<(InstanceId, Told)>;
}
