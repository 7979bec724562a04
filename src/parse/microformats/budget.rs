//! [`Budget`]: how much may be made of a page.
//!
//! Microformats nest: the text of one element may be wanted for each property that it stands in,
//! and one element may be included in many. So a small page can ask for very much. The budget is
//! counted, not timed: the same page always gives the same result.

use std::cell::Cell;

/// How often each byte of a page may be read or copied. Real pages stay below eight.
const TIMES: usize = 16;
/// What is free, so that short pages are not judged by their first elements.
const SPARE: usize = 1 << 20;

/// What is left to spend.
#[derive(Debug)]
pub(super) struct Budget {
    left: Cell<usize>,
    spent: Cell<bool>,
    left_out: Cell<bool>,
}

impl Budget {
    /// For a page of about `bytes` bytes.
    pub(super) fn for_page(bytes: usize) -> Self {
        Self {
            left: Cell::new(bytes.saturating_mul(TIMES).saturating_add(SPARE)),
            spent: Cell::new(false),
            left_out: Cell::new(false),
        }
    }

    /// Takes `cost`, if it is there. Once something was refused, everything is.
    pub(super) fn take(&self, cost: usize) -> bool {
        match self.left.get().checked_sub(cost) {
            Some(left) if !self.spent.get() => {
                self.left.set(left);
                true
            }
            _ => {
                self.spent.set(true);
                false
            }
        }
    }

    /// Notes that something was left out for another reason.
    pub(super) fn leave_out(&self) {
        self.left_out.set(true);
    }

    /// Whether nothing was left out.
    pub(super) fn was_enough(&self) -> bool {
        !self.spent.get() && !self.left_out.get()
    }

    /// Whether anything was refused.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.get()
    }
}
