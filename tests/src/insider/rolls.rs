//! Changes of the roll: honest change sets, and any bytes in the place of one. Spec: 07-casting, ROLL-4 to ROLL-7, ANN-3.

use super::Insider;
use super::ballots::code;
use ballot::Hash;
use ballot::encode::Record;
use board::OrderKind;
use board::changes::{Act, Change, ChangeSet};
use board::roll::{ReinstatementList, Roll, RollLine};

impl Insider {
    /// A change: this is done with the voter, in this district.
    pub fn change(&self, voter: usize, act: Act, district: usize) -> Change {
        Change { pseudonym: self.voter(voter), act, district: district as u16 }
    }

    /// The next version of the roll.
    pub fn amend(&mut self, changes: Vec<Change>) -> usize {
        let set = ChangeSet::new(changes).expect("nobody twice").to_bytes();
        self.amend_as(&set, |value, root| (value, root))
    }

    /// The same with any bytes for the change set, and any version and root for those that are right. What can be read is in force.
    pub fn amend_as(&mut self, set: &[u8], said: impl FnOnce(u64, Hash) -> (u64, Hash)) -> usize {
        for change in ChangeSet::from_bytes(set).map(|set| set.lines().to_vec()).unwrap_or_default() {
            self.apply(change);
        }
        self.version += 1;
        let roll = Roll::new(self.lines.clone()).unwrap_or_default();
        let (value, root) = said(self.version, roll.tree().root());
        self.order(OrderKind::Amend, value, root, Some(set))
    }

    fn apply(&mut self, Change { pseudonym, act, district }: Change) {
        let line = RollLine { pseudonym, district };
        self.lines.retain(|l| l.pseudonym != pseudonym);
        self.gone.retain(|l| l.pseudonym != pseudonym);
        if act == Act::Removed { &mut self.gone } else { &mut self.lines }.push(line);
        self.lines.sort();
    }

    /// Everybody who is or was on the roll, sorted.
    pub fn whole_roll(&self) -> Vec<RollLine> {
        let mut whole = [self.lines.clone(), self.gone.clone()].concat();
        whole.sort();
        whole
    }

    /// Takes the annulments of these voters back.
    pub fn reinstate(&mut self, voters: &[usize]) -> usize {
        let list: Vec<Hash> = voters.iter().map(|v| self.voter(*v)).collect();
        list.iter().for_each(|pseudonym| _ = self.annulled.remove(pseudonym));
        self.plan.paper.retain(|paper| !voters.iter().any(|v| code(*v) == *paper));
        let list = ReinstatementList::new(list).expect("nobody twice");
        self.order(OrderKind::Reinstate, voters.len() as u64, [0; 32], Some(&list.to_bytes()))
    }
}
