//! Changes that go as one call: all of them happen or none does.

use std::sync::Arc;

use tokio::task::JoinSet;
use topo_model::{ObjectId, Operation};
use topo_plan::Op;
use topo_provider::{BatchChange, Error, ErrorKind, Provider, Resolution};

use crate::cloud::{Time, retry_read};
use crate::record::has_all;

use super::link::{End, Fate, Halt, Happened, Link, Slot};
use super::worker::{Task, Worker, is_throttled};

/// Makes the call for all tasks, then looks after each object until it is ready.
pub(crate) async fn run<P: Provider>(provider: Arc<P>, link: Link, time: Time, tasks: Vec<Task>, slot: Slot) {
    let worker = |task| Worker::new(Arc::clone(&provider), link.clone(), time, task, None);
    let mut workers: Vec<Worker<P>> = tasks.into_iter().map(worker).collect();
    match call(&*provider, &mut workers, slot).await {
        Ok(ids) => {
            let mut settling = JoinSet::new();
            for (mut worker, id) in workers.into_iter().zip(ids) {
                worker.fate = Fate::Unfinished;
                let what = match worker.task.op {
                    Op::Create => Happened::Made(id.clone(), None),
                    Op::Delete | Op::DeleteDeposed(_) => {
                        worker.finish(Ok(End::Gone));
                        continue;
                    }
                    _ => Happened::Changed,
                };
                let _told_with_the_end = link.happened(worker.task.step, what);
                settling.spawn(worker.run_settle(id));
            }
            while let Some(done) = settling.join_next().await {
                // A panic goes up to where the batch was started.
                if let Err(error) = done
                    && let Ok(panic) = error.try_into_panic()
                {
                    std::panic::resume_unwind(panic);
                }
            }
        }
        Err(halt) => {
            let fate = workers.first().map_or(Fate::DidNotHappen, |w| w.fate);
            for worker in &mut workers {
                worker.fate = fate;
                worker.finish(Err(halt.clone()));
            }
        }
    }
}

/// Gives the ids in order. The first worker's patience and fate stand for all.
async fn call<P: Provider>(provider: &P, workers: &mut [Worker<P>], slot: Slot) -> Result<Vec<ObjectId>, Halt> {
    let mut first = Some(slot);
    let mut doubt = workers.iter().any(|w| w.task.asked_before);
    let mut clash = None;
    // What stands already, from a call of which the answer was lost.
    let mut ids: Vec<Option<ObjectId>> = vec![None; workers.len()];
    loop {
        let changes = changes(workers, &ids)?;
        let mut slot = match first.take() {
            Some(slot) => slot,
            None => workers[0].slot().await?,
        };
        let before = std::mem::replace(&mut workers[0].fate, Fate::Open);
        let done = provider.batch(&changes).await;
        slot.throttled = is_throttled(&done);
        drop(slot);
        let error = match done {
            Ok(made) if made.len() == changes.len() => {
                let mut made = made.into_iter();
                return Ok(ids.into_iter().filter_map(|id| id.or_else(|| made.next())).collect());
            }
            Ok(made) => {
                let text = format!("{} changes were answered with {} ids", changes.len(), made.len());
                return Err(Halt::Unknown(text));
            }
            Err(error) => error,
        };
        if error.kind != ErrorKind::Lost {
            workers[0].fate = before;
        }
        match error.kind {
            ErrorKind::Throttled | ErrorKind::Conflict | ErrorKind::Dependency => workers[0].again(&error).await?,
            ErrorKind::Exists if !doubt => return Err(taken(workers, &error).await),
            ErrorKind::Lost | ErrorKind::Exists | ErrorKind::NotFound => {
                doubt |= error.kind == ErrorKind::Lost;
                if !doubt {
                    return Err(workers[0].refused(&error));
                }
                let stood = ids.iter().flatten().count();
                look(provider, workers, &mut ids).await?;
                if ids.iter().flatten().count() > stood {
                    // What was in the way is ours; the rest is another call.
                    clash = None;
                }
                if ids.iter().all(Option::is_some) {
                    return Ok(ids.into_iter().flatten().collect());
                }
                if error.kind == ErrorKind::Exists && workers[0].is_clash(&mut clash) {
                    return Err(taken(workers, &error).await);
                }
                workers[0].again(&error).await?;
            }
            _ => return Err(workers[0].refused(&error)),
        }
    }
}

/// Somebody else has the name of one of them: says which.
async fn taken<P: Provider>(workers: &mut [Worker<P>], error: &Error) -> Halt {
    for worker in workers.iter_mut().filter(|w| w.task.op == Op::Create) {
        if let Err(halt) = worker.existing(error).await {
            return halt;
        }
    }
    workers[0].refused(error)
}

/// The changes that are still to be made.
fn changes<P>(workers: &[Worker<P>], ids: &[Option<ObjectId>]) -> Result<Vec<BatchChange>, Halt> {
    let missing = || Halt::Failed("the plan names no object to change; plan again".to_owned());
    let change = |w: &Worker<P>| {
        let want = w.task.want.clone();
        Ok(match w.task.intent.operation {
            Operation::Create => BatchChange::Create(want),
            Operation::Update => BatchChange::Update(w.task.object.clone().ok_or_else(missing)?, want),
            Operation::Delete => {
                let id = w.task.object.as_ref().ok_or_else(missing)?;
                BatchChange::Delete(w.task.place(id), want.attributes)
            }
        })
    };
    workers.iter().zip(ids).filter(|(_, id)| id.is_none()).map(|(worker, _)| change(worker)).collect()
}

/// Looks which changes stand as the batch would have left them. Within one call all do or
/// none does; but an earlier run may have made some of them by themselves.
async fn look<P: Provider>(provider: &P, workers: &mut [Worker<P>], ids: &mut [Option<ObjectId>]) -> Result<(), Halt> {
    for (worker, id) in workers.iter_mut().zip(ids).filter(|(_, id)| id.is_none()) {
        worker.fate = Fate::Open;
        *id = happened(provider, worker).await?;
    }
    Ok(())
}

/// Whether one change stands; the id if so. What is deleted and made again under the same id
/// counts by the new object.
async fn happened<P: Provider>(provider: &P, worker: &mut Worker<P>) -> Result<Option<ObjectId>, Halt> {
    loop {
        let error: Error = if worker.task.op == Op::Create {
            match worker.resolve().await? {
                Ok(Resolution::Happened(Some(o))) => return Ok(worker.ours(&o).then(|| o.id.clone())),
                Ok(_) => return Ok(None),
                Err(error) => error,
            }
        } else {
            let Some(id) = worker.task.object.clone() else { return Ok(None) };
            let slot = worker.slot().await?;
            let read = provider.read(&worker.task.place(&id)).await;
            drop(slot);
            match (read, worker.task.intent.operation) {
                (Ok(Some(o)), Operation::Update) => {
                    return Ok(has_all(&worker.task.facts, &worker.task.want.attributes, &o).then_some(id));
                }
                (Ok(Some(o)), _) => {
                    // Gone, or another object with the same id since.
                    return Ok((!has_all(&worker.task.facts, &worker.task.want.attributes, &o)).then_some(id));
                }
                (Ok(None), Operation::Delete) => return Ok(Some(id)),
                (Ok(None), _) => return Ok(None),
                (Err(error), _) => error,
            }
        };
        if !retry_read(&error) {
            return Err(worker.refused(&error));
        }
        worker.again(&error).await?;
    }
}
