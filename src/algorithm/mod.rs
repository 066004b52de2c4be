//! Algorithms built on queues and buffers.
