//! The bounds of a scope in words. It holds nothing back.

use super::{Commits, Destroys, Overtaking, Reconnects, Scope, Sends, Webhooks};
use crate::action::NodeId;

impl Scope {
    /// The bounds in words, for the report; empty if there are none.
    pub fn bounds(&self) -> String {
        let tokens = match &self.sends {
            Sends::Never => Some("no sends".to_owned()),
            Sends::RefusedOnly => Some("sends only where refused".to_owned()),
            Sends::Tokens { tokens, .. } => Some(format!("{tokens} message token{}", if *tokens == 1 { "" } else { "s" })),
        };
        let destroys = match self.destroys {
            Destroys::Never => Some("no destroy".to_owned()),
            Destroys::Called => None,
        };
        let buffer = self.buffer.map(|most| format!("messages kept ≤ {most}"));
        let nodes = self.has_several_nodes().then(|| self.placement());
        let commits = match self.commits {
            Commits::AtOnce => None,
            Commits::UnderWay => Some("commits of logins under way".to_owned()),
        };
        let joined = Some(format!("calls joined ≤ {}", self.joined_calls));
        let busy = self.busy.map(|most| format!("busy ≤ {most}"));
        let change = self.limit_change.map(|(platform, limit)| format!("limit of {} changed to {limit}", platform.name()));
        let webhooks = match self.webhooks {
            Webhooks::Never => None,
            Webhooks::Posted => Some("calls and timers wait for callbacks".to_owned()),
        };
        let overtaking = match self.overtaking {
            Overtaking::Waits => Some("no overtaking".to_owned()),
            Overtaking::Allowed => None,
        };
        [nodes, commits, tokens, buffer, destroys, joined, busy, change, webhooks, overtaking]
            .into_iter()
            .flatten()
            .chain(self.fault_bounds())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Who is connected where.
    fn placement(&self) -> String {
        let on = |node: NodeId| {
            let there: Vec<_> = self.seats.iter().filter(|seat| seat.node == node).map(|seat| seat.name).collect();
            let there = if there.is_empty() { "nobody".to_owned() } else { there.join(" + ") };
            format!("{there} on node {}", node.0 + 1)
        };
        self.nodes().map(on).collect::<Vec<_>>().join(", ")
    }

    fn fault_bounds(&self) -> Vec<String> {
        let named: Vec<_> = self.faults.iter().map(|fault| fault.name()).collect();
        let faults = (!named.is_empty()).then(|| format!("faults: {}", named.join(" + ")));
        if !self.links_fail() {
            return faults.into_iter().collect();
        }
        let at_once = self.faults_at_once.map(|most| format!("f ≤ {most}"));
        let debts = format!("debts ≤ {}", self.debts);
        let of_node = self.nodes_fail().then(|| "of node 1".to_owned());
        let failing = self.failing.map(|most| format!("of the first {most}"));
        let reconnects = match self.reconnects {
            Reconnects::AtAnyTime => None,
            Reconnects::OneByOne => Some("reconnects one by one".to_owned()),
        };
        [faults, of_node, failing, at_once, reconnects, Some(debts)].into_iter().flatten().collect()
    }
}
