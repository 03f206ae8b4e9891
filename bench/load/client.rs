//! The loop that asks and waits.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroU64;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use serde_json::{Value, json};

use crate::histogram::Histogram;
use crate::options::{Pace, Plan};
use crate::response::{Head, Response};

/// How long answers that are still due may take when time is up.
const GRACE: Duration = Duration::from_secs(3);

/// What came of it.
pub struct Tally {
    times: Histogram,
    /// Of the answers that say that they came from memory.
    hits: Histogram,
    /// Answers that count: as expected, and after the warm-up.
    counted: u64,
    /// Answers in all, those of the warm-up included: what the server worked for.
    answers: u64,
    errors: u64,
    /// Those of them that are answers, such as refusals; the others are connections that broke.
    unexpected: u64,
    bytes: u64,
    seconds: f64,
}

impl Tally {
    fn new(span: Duration) -> Self {
        Tally {
            times: Histogram::new(),
            hits: Histogram::new(),
            counted: 0,
            answers: 0,
            errors: 0,
            unexpected: 0,
            bytes: 0,
            seconds: span.as_secs_f64(),
        }
    }

    pub fn report(&self) -> Value {
        let mut report = self.times.report();
        report["hits"] = self.hits.report();
        report["requests"] = json!(self.counted);
        report["rps"] = json!((self.counted as f64 / self.seconds * 10.0).round() / 10.0);
        report["seconds"] = json!(self.seconds);
        report["errors"] = json!(self.errors);
        report["unexpected"] = json!(self.unexpected);
        report["answers"] = json!(self.answers);
        report["bytes"] = json!(self.bytes);
        report
    }
}

struct Connection {
    stream: TcpStream,
    response: Response,
    /// Since when the request under way was due.
    due: Option<Duration>,
}

pub struct Client<'a> {
    plan: &'a Plan,
    epoll: OwnedFd,
    connections: Vec<Connection>,
    /// Those without a request, the longest idle first, so that all take part whatever the rate.
    idle: VecDeque<usize>,
    began: Instant,
    asked: u64,
    buffer: Vec<u8>,
    tally: Tally,
}

impl<'a> Client<'a> {
    pub fn connect(plan: &'a Plan) -> anyhow::Result<Self> {
        // Waking 50 µs late, as the kernel allows itself by default, would be most of the latency measured.
        rustix::thread::set_current_timer_slack(NonZeroU64::new(1))?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let connections = (0..plan.connections)
            .map(|index| open(&epoll, plan.address, index))
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Client {
            plan,
            epoll,
            idle: (0..connections.len()).collect(),
            connections,
            began: Instant::now(),
            asked: 0,
            buffer: vec![0; 256 * 1024],
            tally: Tally::new(plan.span),
        })
    }

    pub fn run(mut self) -> anyhow::Result<Tally> {
        let mut events = Vec::with_capacity(self.connections.len());
        self.began = Instant::now();
        loop {
            self.ask_what_is_due()?;
            if self.is_done() {
                break;
            }
            let wait = Timespec::try_from(self.time_to_wait())?;
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                self.receive(event.data.u64() as usize)?;
                self.ask_what_is_due()?;
            }
        }
        self.end();
        Ok(self.tally)
    }

    fn ask_what_is_due(&mut self) -> anyhow::Result<()> {
        while let Some(&index) = self.idle.front()
            && let Some(due) = self.next_due().filter(|due| *due <= self.began.elapsed())
        {
            self.idle.pop_front();
            let request =
                &self.plan.requests[(self.asked % self.plan.requests.len() as u64) as usize];
            self.asked += 1;
            let connection = &mut self.connections[index];
            connection.due = Some(due);
            // A request is far smaller than a socket's buffer, so all of it goes or the connection is broken.
            if connection.stream.write_all(request).is_err() {
                self.fail(index)?;
            }
        }
        Ok(())
    }

    /// When the next request is due; `None`: there is no further one.
    fn next_due(&self) -> Option<Duration> {
        let end = self.plan.warm + self.plan.span;
        match self.plan.pace {
            Pace::Free => Some(self.began.elapsed()).filter(|due| *due < end),
            Pace::Rate(rate) => {
                Some(Duration::from_secs_f64(self.asked as f64 / rate)).filter(|due| *due < end)
            }
            Pace::EachOnce => {
                Some(self.began.elapsed()).filter(|_| self.asked < self.plan.requests.len() as u64)
            }
        }
    }

    /// Until the next request is due. While all connections are busy, only an answer can change anything.
    fn time_to_wait(&self) -> Duration {
        const LONG: Duration = Duration::from_millis(100);
        if self.idle.is_empty() {
            return LONG;
        }
        self.next_due().map_or(LONG, |due| {
            due.saturating_sub(self.began.elapsed()).min(LONG)
        })
    }

    fn is_done(&self) -> bool {
        let all_idle = self.idle.len() == self.connections.len();
        match self.plan.pace {
            Pace::EachOnce => all_idle && self.next_due().is_none(),
            Pace::Free => self.next_due().is_none(),
            Pace::Rate(_) => {
                let late = self.began.elapsed() > self.plan.warm + self.plan.span + GRACE;
                late || (all_idle && self.next_due().is_none())
            }
        }
    }

    fn receive(&mut self, index: usize) -> anyhow::Result<()> {
        let connection = &mut self.connections[index];
        let count = match connection.stream.read(&mut self.buffer) {
            Ok(0) => return self.fail(index),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
            Err(_) => return self.fail(index),
        };
        self.tally.bytes += count as u64;
        match connection.response.feed(&self.buffer[..count]) {
            Ok(None) => {}
            Ok(Some(head)) => self.answered(index, head),
            Err(_) => return self.fail(index),
        }
        Ok(())
    }

    fn answered(&mut self, index: usize, head: Head) {
        let now = self.began.elapsed();
        let Some(due) = self.connections[index].due.take() else {
            // An answer without a request.
            self.tally.errors += 1;
            return;
        };
        self.idle.push_back(index);
        self.tally.answers += 1;
        if head.status != self.plan.expect {
            self.tally.errors += 1;
            self.tally.unexpected += 1;
        } else if self.counts(due, now) {
            self.tally.counted += 1;
            self.tally.times.record(now - due);
            if head.is_hit {
                self.tally.hits.record(now - due);
            }
        }
    }

    fn counts(&self, due: Duration, now: Duration) -> bool {
        let (from, to) = (self.plan.warm, self.plan.warm + self.plan.span);
        match self.plan.pace {
            Pace::Free => (from..to).contains(&now),
            Pace::Rate(_) => due >= from,
            Pace::EachOnce => true,
        }
    }

    /// Gives a broken connection up and opens another. One that the server closed while idle is no error.
    fn fail(&mut self, index: usize) -> anyhow::Result<()> {
        let broken = std::mem::replace(
            &mut self.connections[index],
            open(&self.epoll, self.plan.address, index)?,
        );
        if broken.due.is_some() {
            self.tally.errors += 1;
            self.idle.push_back(index);
        }
        Ok(())
    }

    /// A request without an answer by now is an error, also one that no connection was free for, and has waited at
    /// least until now: left out, they would make an overloaded server look quick.
    fn end(&mut self) {
        match self.plan.pace {
            Pace::Free => {}
            Pace::EachOnce => self.tally.seconds = self.began.elapsed().as_secs_f64(),
            Pace::Rate(_) => {
                let now = self.began.elapsed();
                let under_way: Vec<_> = self.connections.iter().filter_map(|c| c.due).collect();
                under_way
                    .into_iter()
                    .for_each(|due| self.never_answered(due, now));
                while let Some(due) = self.next_due() {
                    self.asked += 1;
                    self.never_answered(due, now);
                }
            }
        }
    }

    fn never_answered(&mut self, due: Duration, now: Duration) {
        self.tally.errors += 1;
        if self.counts(due, now) {
            self.tally.times.record(now.saturating_sub(due));
        }
    }
}

fn open(epoll: &OwnedFd, address: SocketAddr, index: usize) -> anyhow::Result<Connection> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    epoll::add(
        epoll,
        &stream,
        epoll::EventData::new_u64(index as u64),
        epoll::EventFlags::IN,
    )?;
    Ok(Connection {
        stream,
        response: Response::default(),
        due: None,
    })
}
