//! Orders that an operation cannot have.

use falx::prelude::*;

fn main() -> falx::Result<()> {
    let cells = Buffer::from(vec![0u32; 4]);
    let queue = Queue::new(Selector::default())?;
    queue.submit(|h| {
        let cells = cells.read_write(h);
        h.parallel_for(4, kernel!(move |i: usize| {
            let a = cells.atomic(i).release().load();
            let b = cells.atomic(i).acq_rel().system().load();
            cells.atomic(i).work_group().acquire().store(a + b);
            cells.atomic(i).acq_rel().store(cells.atomic(0).acquire().release().load());
        }))
    })?;
    queue.submit(|h| {
        let cells = cells.read_write(h);
        h.parallel_for(4, kernel!(move |i: usize| {
            let cell = cells.atomic(i).acq_rel();
            let a = cell.load();
        }))
    })?;
    Ok(())
}
