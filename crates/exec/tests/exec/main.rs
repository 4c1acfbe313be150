//! The executor on a small cloud in memory: `cloud` is the cloud, `wish` a planner just large
//! enough, `bench` runs both as one process would.

mod apply;
mod bench;
mod cloud;
mod kill;
mod observe;
mod renames;
mod wish;
