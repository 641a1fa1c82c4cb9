//! V7: orders and entries stand where the phases allow. Rules ENTRY-3, PHASE-1 to PHASE-6, PHASE-8.
//!
//!   setup --open--> voting --last-login--> last --close--> closed --seal--> sealed --result--> done

use crate::bytes::Fault;
use crate::entry::{Entry, Order, OrderKind};
use crate::log::{Item, Log};
use crate::manifest::Manifest;
use crate::report::{Check, Place};

/// Orders that took effect, with their entries.
#[derive(Default)]
pub struct Timeline<'a> {
    /// Orders *roll*.
    pub rolls: Vec<(u64, &'a Order)>,
    /// Orders *amend*.
    pub amends: Vec<(u64, &'a Order)>,
    /// Orders *annul* and *reinstate*.
    pub lists: Vec<(u64, &'a Order)>,
    /// The order *open*.
    pub open: Option<(u64, &'a Order)>,
    /// The order *close*.
    pub close: Option<(u64, &'a Order)>,
    /// The order *seal*.
    pub seal: Option<(u64, &'a Order)>,
    /// The closing entry: counted-set hash and closing root.
    pub closing: Option<(u64, [u8; 32], [u8; 32])>,
    /// The order *result*.
    pub result: Option<(u64, &'a Order)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Setup,
    Voting,
    Last,
    Closed,
    Sealed,
    Done,
}

struct Walk<'a> {
    manifest: &'a Manifest,
    phase: Phase,
    suspended: bool,
    until: u64,
    after_seal: bool,
    batches: Vec<(u64, u64)>,
    timeline: Timeline<'a>,
}

/// Runs V7 over the sound entries.
pub fn check<'a>(manifest: &'a Manifest, log: &'a Log, sound: &[bool]) -> (Check, Timeline<'a>) {
    let mut check = Check::new("V7", "phases");
    let mut walk = Walk {
        manifest,
        phase: Phase::Setup,
        suspended: false,
        until: manifest.voting.1,
        after_seal: false,
        batches: Vec::new(),
        timeline: Timeline::default(),
    };
    for ((index, item), sound) in (0u64..).zip(&log.items).zip(sound) {
        check.look();
        let after_seal = std::mem::take(&mut walk.after_seal);
        let is_closing = matches!(item, Item::Plain(entry) if matches!(**entry, Entry::Closing { .. }));
        if after_seal && !is_closing {
            check.fail(&Place::Entry(index), "PHASE-5", "stands where the closing entry must be");
        }
        // PHASE-8: not even what nobody signed. What stands here takes no effect either.
        if walk.timeline.result.is_some() {
            check.fail(&Place::Entry(index), "PHASE-8", "stands after the result");
            continue;
        }
        let result = match item {
            Item::Ballot(_) => walk.ballot(),
            Item::Plain(entry) if *sound => walk.entry(index, entry),
            _ => Ok(()),
        };
        if let Err(fault) = result {
            check.fault(&Place::Entry(index), &fault);
        }
    }
    if let Some((_, close)) = walk.timeline.close {
        for (index, _) in walk.batches.iter().filter(|(_, time)| *time > close.time) {
            check.fail(&Place::Entry(*index), "PHASE-4", "a batch later than the order close");
        }
    }
    (check, walk.timeline)
}

impl<'a> Walk<'a> {
    fn entry(&mut self, index: u64, entry: &'a Entry) -> Result<(), Fault> {
        match entry {
            Entry::Order(order) => self.order(index, order),
            Entry::Post(post) if post.kind.is_tally() && self.timeline.closing.is_none() => {
                Err(Fault::new("PHASE-6", "stands before the closing entry"))
            }
            Entry::Batch { time, .. } => self.batch(index, *time),
            Entry::Closing { counted, root } => {
                self.timeline.closing.get_or_insert((index, *counted, *root));
                Ok(())
            }
            Entry::Manifest { .. } | Entry::Post(_) | Entry::Ballot(_) => Ok(()),
        }
    }

    fn voting(&self) -> bool {
        matches!(self.phase, Phase::Voting | Phase::Last)
    }

    /// In which phases an order may come. PHASE-1.
    fn allows(&self, kind: OrderKind) -> bool {
        use Phase::*;
        let phases: &[Phase] = match kind {
            OrderKind::Roll | OrderKind::Ceremony | OrderKind::Open => &[Setup],
            OrderKind::Drill => &[Setup, Voting, Last, Closed],
            OrderKind::LastLogin => &[Voting],
            OrderKind::Close | OrderKind::Suspend | OrderKind::Resume | OrderKind::Extend => &[Voting, Last],
            OrderKind::Amend => &[Setup, Voting, Last],
            OrderKind::Annul | OrderKind::Reinstate => &[Voting, Last, Closed],
            OrderKind::Seal => &[Closed],
            OrderKind::Result => &[Sealed],
            OrderKind::Note => &[Setup, Voting, Last, Closed, Sealed],
        };
        let fits = match kind {
            OrderKind::Roll => self.timeline.rolls.is_empty(),
            OrderKind::Amend => !self.timeline.rolls.is_empty(),
            OrderKind::Suspend => !self.suspended,
            OrderKind::Resume => self.suspended,
            _ => true,
        };
        fits && phases.contains(&self.phase)
    }

    fn order(&mut self, index: u64, order: &'a Order) -> Result<(), Fault> {
        use OrderKind::*;
        if !self.allows(order.kind) {
            return Err(Fault::new(
                "PHASE-1",
                format!("the order {:?} does not fit the phase {:?}", order.kind, self.phase).to_lowercase(),
            ));
        }
        let here = Some((index, order));
        match order.kind {
            Roll => self.timeline.rolls.push((index, order)),
            Amend => self.timeline.amends.push((index, order)),
            Annul | Reinstate => self.timeline.lists.push((index, order)),
            Open => {
                self.phase = Phase::Voting;
                self.timeline.open = here;
                return self.open(order);
            }
            LastLogin => self.phase = Phase::Last,
            Close => {
                // A suspension ends with it. PHASE-4.
                (self.phase, self.suspended) = (Phase::Closed, false);
                self.timeline.close = here;
                if order.time > self.until {
                    return Err(Fault::new("PHASE-3", format!("closed at {}, after {}", order.time, self.until)));
                }
            }
            Suspend => self.suspended = true,
            Resume => self.suspended = false,
            Extend => {
                if order.value <= self.until {
                    return Err(Fault::new("PHASE-3", "does not move the end later"));
                }
                self.until = order.value;
            }
            Seal => {
                (self.phase, self.after_seal) = (Phase::Sealed, true);
                self.timeline.seal = here;
            }
            Result => {
                self.phase = Phase::Done;
                self.timeline.result = here;
            }
            Ceremony | Drill | Note => {}
        }
        Ok(())
    }

    /// PHASE-2 without the key and the drill, which V9 and V10 hold against this order; PHASE-3.
    fn open(&self, order: &Order) -> Result<(), Fault> {
        if self.timeline.rolls.len() != 1 {
            return Err(Fault::new("PHASE-2", format!("{} rolls stand before it, and not one", self.timeline.rolls.len())));
        }
        let (from, until) = self.manifest.voting;
        if (from..=until).contains(&order.time) { Ok(()) } else { Err(Fault::new("PHASE-3", "opened outside of the voting time")) }
    }

    fn batch(&mut self, index: u64, time: u64) -> Result<(), Fault> {
        self.batches.push((index, time));
        match self.timeline.open {
            Some((_, open)) if time < open.time => Err(Fault::new("PHASE-4", "a batch earlier than the order open")),
            _ => Ok(()),
        }
    }

    fn ballot(&self) -> Result<(), Fault> {
        if !self.voting() {
            Err(Fault::new("PHASE-4", "a ballot outside of the voting phases"))
        } else if self.suspended {
            Err(Fault::new("PHASE-4", "a ballot while voting was suspended"))
        } else {
            Ok(())
        }
    }
}
