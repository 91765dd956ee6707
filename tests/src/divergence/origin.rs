//! At which step of a trace the frame was written that its last step delivers: a rule that is broken there shows only here where frames
//! under way are not told. It judges nothing.

use model::action::{Action, InstanceId, LinkMove, Slot};
use model::frame::Frame;
use model::state::State;

/// One step of a trace: the state before it, and what is done.
pub(super) type Taken = (State, Action);

/// The place of the step that wrote the frame which the last of these steps delivers; `None` if it delivers none.
pub(super) fn written_at(steps: &[Taken]) -> Option<usize> {
    let ((_, last), earlier) = steps.split_last()?;
    let mut frame = Held { way: Way::of_delivery(*last)?, place: 0 };
    let of_it = |(state, action): &Taken| frame.was_written_by(state, *action);
    earlier.iter().rposition(of_it)
}

/// The frames under way to one end of a link of an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up(InstanceId, Slot),
    Down(InstanceId),
}

impl Way {
    const fn of_delivery(action: Action) -> Option<Way> {
        match action {
            Action::Link(instance, LinkMove::ToServer(slot)) => Some(Way::Up(instance, slot)),
            Action::Link(instance, LinkMove::ToClient) => Some(Way::Down(instance)),
            _ => None,
        }
    }

    fn frames(self, state: &State) -> Vec<Frame> {
        match self {
            Way::Up(instance, slot) => state.instance(instance).links.at(slot).up.iter().map(Frame::Up).collect(),
            Way::Down(instance) => state.instance(instance).links.current.down.iter().map(Frame::Down).collect(),
        }
    }

    /// A link that was given up may have moved aside since.
    const fn before_it_moved_aside(self) -> Way {
        match self {
            Way::Up(instance, Slot::Abandoned) => Way::Up(instance, Slot::Current),
            Way::Up(_, Slot::Current) | Way::Down(_) => self,
        }
    }
}

/// A frame under way, followed back in time.
struct Held {
    way: Way,
    /// How many frames are in front of it.
    place: usize,
}

impl Held {
    /// Whether it was not under way before the step. If it was, it is followed to where it stood.
    fn was_written_by(&mut self, before: &State, action: Action) -> bool {
        let ways = [self.way, self.way.before_it_moved_aside()];
        let places = ways.map(|way| self.place + usize::from(Way::of_delivery(action) == Some(way)));
        let stood = ways.into_iter().zip(places).find(|(way, place)| way.frames(before).len() > *place);
        (self.way, self.place) = stood.unwrap_or((self.way, self.place));
        stood.is_none()
    }
}

#[cfg(test)]
mod tests {
    use model::observation::Item;
    use model::scopes::named;

    use super::*;
    use crate::naming::kind;
    use crate::replay::Replay;

    /// Two steps of three deliver what there is to be delivered.
    fn chosen(step: usize, offered: &[Action]) -> usize {
        let deliveries: Vec<_> = (0..offered.len()).filter(|label| Way::of_delivery(offered[*label]).is_some()).collect();
        let any = step.wrapping_mul(0x9e37_79b9) >> 7;
        if step.is_multiple_of(3) || deliveries.is_empty() { any % offered.len() } else { deliveries[any % deliveries.len()] }
    }

    /// Walks a scope, and holds each delivery against what the steps before it wrote.
    fn deliveries(scope: &str, steps: usize) -> usize {
        let scope = named(scope).unwrap();
        let (mut replay, mut taken, mut written, mut delivered) = (Replay::new(&scope), Vec::new(), Vec::new(), 0);
        for step in 0..steps {
            let (before, offered) = (*replay.state(), replay.offered());
            let label = chosen(step, &offered);
            taken.push((before, offered[label]));
            if let Some(place) = written_at(&taken) {
                let way = Way::of_delivery(offered[label]).unwrap();
                let frame = way.frames(&before)[0];
                let items: &Vec<Item> = &written[place];
                assert!(items.iter().any(|item| wrote(item, frame)), "step {step}: {frame:?} of step {place}");
                delivered += 1;
            }
            assert_eq!(written_at(&taken).is_some(), Way::of_delivery(offered[label]).is_some());
            replay.go(label as u16).unwrap();
            written.push(replay.last().items.clone());
        }
        delivered
    }

    /// Whether a frame of that kind was written.
    fn wrote(item: &Item, frame: Frame) -> bool {
        matches!(item, Item::Written { frame: written, .. } if kind(*written) == kind(frame))
    }

    #[test]
    fn each_frame_that_is_delivered_was_written_by_the_step_that_is_named() {
        let delivered = ["page-story", "late-frames", "reconnect-kicks"].map(|scope| deliveries(scope, 400));
        assert!(delivered.iter().all(|deliveries| *deliveries > 60), "{delivered:?}");
    }
}
