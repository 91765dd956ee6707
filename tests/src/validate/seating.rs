//! Who sits where: an instance takes a seat of the model at its first turn, and keeps it as long as anything of it is left that could
//! matter. It explains no line.

use model::action::{AccountId, Action, InstanceId, LinkMove, Loss, Slot};
use model::link::Link;
use model::possible::is_possible;
use model::rule::Rules;
use model::scope::MAX_INSTANCES;
use model::step::step;
use sut::session::Platform;

use super::finding::Law;
use super::run::{Run, Stop};
use crate::cast;

impl Run<'_> {
    /// Gives the instance a seat.
    pub(super) fn seat(&mut self, instance: usize, platform: Platform) -> Result<(), Stop> {
        if self.clients[instance].next > 0 {
            let turn = &self.history.instances[instance].turns[self.clients[instance].next];
            return Err(turn.stops("nothing: an instance starts once", Law::Sequence));
        }
        if self.free_seat().is_none() {
            self.go_on_everywhere(instance)?;
        }
        let Some(seat) = self.free_seat() else {
            return Err(self.too_many(instance));
        };
        if let Some(before) = self.seats[usize::from(seat.0)].replace(instance) {
            self.clients[before].seat = None;
            self.state = step(&self.scope, Rules::ALL, &self.state, Action::Renew(seat)).next;
        }
        self.scope.seats[usize::from(seat.0)].platform = cast::platform_seen(platform);
        self.clients[instance].seat = Some(seat);
        Ok(())
    }

    /// A seat in which nobody ever sat, or whose instance is over.
    fn free_seat(&self) -> Option<InstanceId> {
        let free = |seat: &InstanceId| {
            let is_over = || is_possible(&self.scope, &self.state, Action::Renew(*seat)) && self.leaves_nothing_online(*seat);
            self.seats[usize::from(seat.0)].is_none() || is_over()
        };
        (0..MAX_INSTANCES as u8).map(InstanceId).find(free)
    }

    fn leaves_nothing_online(&self, seat: InstanceId) -> bool {
        let linked = self.state.instance(seat).links.each().into_iter().any(Link::exists);
        !linked && !self.scope.accounts().any(|account| self.state.roster(account).contains(seat))
    }

    /// Lets every other instance go on as far as it can, so that those that are over are seen to be, and forgets links that the node
    /// never heard of.
    fn go_on_everywhere(&mut self, but: usize) -> Result<(), Stop> {
        let seated: Vec<_> = self.seats.iter().flatten().copied().filter(|seated| *seated != but).collect();
        for other in seated {
            self.go_on(other, |_| false, |_| true)?;
            for slot in [Slot::Current, Slot::Abandoned] {
                self.lose_unheard(other, slot);
            }
        }
        Ok(())
    }

    /// The node loses a link without a line if it never heard anything on it.
    pub(super) fn lose_unheard(&mut self, instance: usize, slot: Slot) {
        let Some((seat, link)) = self.clients[instance].seat.zip(self.clients[instance].link(slot).copied()) else { return };
        let heard = self.history.instances[instance].links.get(&link.epoch).is_some_and(|log| log.heard);
        let action = Action::Link(seat, LinkMove::ServerLoses(slot, Loss::Heartbeat));
        let given_up = self.state.instance(seat).links.at(slot).is_given_up();
        if !heard && given_up && is_possible(&self.scope, &self.state, action) {
            let made = step(&self.scope, Rules::ALL, &self.state, action);
            self.adopt(action, &made);
        }
    }

    fn too_many(&self, instance: usize) -> Stop {
        let place = self.history.instances[instance].turns[0].place;
        let seen = "one more instance, with all of those before it still there";
        let allowed = format!("at most {MAX_INSTANCES} instances of accounts that share any");
        Stop::at(place, seen, allowed, Law::Room)
    }

    /// The model's name for an account of the history.
    pub(super) fn account(&self, name: &str) -> AccountId {
        let place = self.history.accounts.iter().position(|account| account == name);
        AccountId(place.expect("every account of a history's lines is listed") as u8)
    }
}
