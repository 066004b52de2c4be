//! Signals of the engine's own, for steps that have no whole one from their lane.

use crate::backend::{Profile, Signal};
use crate::error::{Error, Result};
use std::sync::Arc;

/// Complete once another signal is over, well or not: the end of a step that has nothing to do itself.
pub(super) struct Behind(pub(super) Arc<dyn Signal>);

impl Signal for Behind {
    fn poll(&self) -> Result<bool> {
        Ok(self.0.poll().unwrap_or(true))
    }
    fn wait(&self) -> Result<()> {
        // How the other ended is the other's business.
        let _ = self.0.wait();
        Ok(())
    }
    fn profile(&self) -> Option<Profile> {
        None
    }
}

/// The part of a step that its lane refused, while it had taken other parts. The step is over when those are.
pub(super) struct Refused(pub(super) Error);

impl Signal for Refused {
    fn poll(&self) -> Result<bool> {
        Err(self.0.clone())
    }
    fn wait(&self) -> Result<()> {
        Err(self.0.clone())
    }
    fn profile(&self) -> Option<Profile> {
        None
    }
}
