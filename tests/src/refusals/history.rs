//! What an instance did before: a walk from the initial state back to it, on the way of which the instance writes a frame that a stranger
//! can replay later. It walks on the model only.

use std::collections::VecDeque;

use model::action::InstanceId;
use model::frame::{DownFrame, Frame, Gap, Meant, Resumption, UpFrame};
use model::graph::{Graph, StateId};
use model::observation::Item;

use model::variants::every;
use strum::{EnumCount, VariantArray};
use sut::protocol::ClientFrame;

use crate::tour::Labels;

/// What an instance wrote in an earlier session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, VariantArray)]
pub(super) enum Earlier {
    Login,
    Resume,
    Sync,
    Send,
    Logout,
    KickAck,
}

impl Earlier {
    pub(super) const ALL: [Earlier; Earlier::COUNT] = every();

    /// Which of them a frame is.
    pub(super) const fn of(frame: &ClientFrame) -> Option<Earlier> {
        match frame {
            ClientFrame::Login { .. } => Some(Earlier::Login),
            ClientFrame::Resume { .. } => Some(Earlier::Resume),
            ClientFrame::Logout { .. } => Some(Earlier::Logout),
            ClientFrame::Sync => Some(Earlier::Sync),
            ClientFrame::Send { .. } => Some(Earlier::Send),
            ClientFrame::KickAck => Some(Earlier::KickAck),
            ClientFrame::MessageAck { .. } | ClientFrame::Ping | ClientFrame::Pong => None,
        }
    }
}

/// A walk that begins and ends in the initial state, nearly shortest, on which the seat's instance writes that frame; `None` if there is
/// none in the scope.
pub(super) fn with(graph: &Graph, seat: InstanceId, what: Earlier) -> Option<Labels> {
    for from in 0..graph.state_count() as StateId {
        for (label, action) in graph.actions_of(from).into_iter().enumerate() {
            if graph.step(from, action).items.iter().any(|item| shows(*item, seat, what)) {
                let target = graph.targets_of(from)[label];
                return Some([graph.path_to(from), vec![label as u16], way_back(graph, target)].concat());
            }
        }
    }
    None
}

/// Whether it was written, and, of a login or resume, that it was let in.
fn shows(item: Item, seat: InstanceId, what: Earlier) -> bool {
    let Item::Written { instance, frame, .. } = item else { return false };
    let shown = match what {
        Earlier::Login => frame == Frame::Down(DownFrame::LoginAnswer { refused: None, gap: Gap::None }),
        Earlier::Resume => matches!(frame, Frame::Down(DownFrame::ResumeAnswer { answer: Resumption::Resumed { .. } })),
        Earlier::Sync => frame == Frame::Up(UpFrame::Sync),
        Earlier::Send => matches!(frame, Frame::Up(UpFrame::Send { .. })),
        Earlier::Logout => frame == Frame::Up(UpFrame::Logout { of: Meant::Own }),
        Earlier::KickAck => frame == Frame::Up(UpFrame::KickAck),
    };
    instance == seat && shown
}

/// A shortest way to the initial state.
fn way_back(graph: &Graph, from: StateId) -> Labels {
    let mut came: Vec<Option<(StateId, u16)>> = vec![None; graph.state_count()];
    let mut open = VecDeque::from([from]);
    while let Some(state) = open.pop_front().filter(|state| *state != 0) {
        for (label, target) in graph.targets_of(state).iter().enumerate() {
            if *target != from && came[*target as usize].is_none() {
                came[*target as usize] = Some((state, label as u16));
                open.push_back(*target);
            }
        }
    }
    let mut labels = Labels::new();
    let mut at = 0;
    while at != from
        && let Some((before, label)) = came[at as usize]
    {
        labels.push(label);
        at = before;
    }
    labels.reverse();
    labels
}
