#include "plan/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/fp_environment.h"
#include "base/memory.h"

namespace octet {

namespace {

constexpr int kMaxWorkers = Team::kMost - 1;

struct Assignment {
  PoolBody body;
  const void* job;
  int self;
  uint32_t run;
  int32_t spin_micros;
};

// A sleeping thread with a letter box of its own: a worker left out of a run sees nothing of it.
struct Worker {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
  bool full = false;  // written under the mutex
  Assignment assignment = {};
  // Written by the owner of the pool while the worker has nothing to do.
  uint8_t* scratch = nullptr;
  int64_t scratch_bytes = 0;
  int left_cpu = -1;  // which it keeps off
  int id = 0;         // of the thread, written by itself; 0: not begun
};

// Constant-initialised and without destructors: workers may sleep here until the process is gone.
bool busy = false;
int started = 0;
Worker workers[kMaxWorkers];
Team team;

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

int64_t nanos_now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{1000000000} * t.tv_sec + t.tv_nsec;
}

// Waits for the next letter without sleeping, for a while. Whoever else wants this CPU has it meanwhile.
void spin_for(const Worker& self, int32_t micros) {
  if (micros <= 0) return;
  const int64_t end = nanos_now() + int64_t{1000} * micros;
  for (int spins = 1; !__atomic_load_n(&self.full, __ATOMIC_ACQUIRE); spins++) {
    pause_cpu();
    if (spins % 16 != 0) continue;
    if (nanos_now() >= end) return;
    if (spins % 128 == 0) sched_yield();
  }
}

void* work(void* argument) {
  Worker& self = *static_cast<Worker*>(argument);
  const DefaultFpEnvironment environment;
#if defined(__linux__)
  __atomic_store_n(&self.id, static_cast<int>(syscall(SYS_gettid)), __ATOMIC_RELEASE);
#endif
  for (;;) {
    pthread_mutex_lock(&self.mutex);
    while (!self.full) pthread_cond_wait(&self.arrived, &self.mutex);
    __atomic_store_n(&self.full, false, __ATOMIC_RELAXED);
    const Assignment a = self.assignment;
    uint8_t* const scratch = self.scratch;
    // Within the lock: the assignment is the last one, so the run cannot be another with the same number.
    int64_t phase = 0;
    const bool joined = team.join(a.run, &phase);
    pthread_mutex_unlock(&self.mutex);
    if (joined) a.body(a.job, a.self, phase, scratch, &team);
    spin_for(self, a.spin_micros);
  }
  return nullptr;
}

bool start_worker(Worker* worker) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 1 << 20);
  // A new thread inherits the mask: block everything around its creation.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool ok = pthread_create(&thread, &attributes, work, worker) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
#if defined(__linux__)
  if (ok) pthread_setname_np(thread, "octet-worker");
#endif
  return ok;
}

// CPUs this thread may use now (an affinity mask may change while it lives).
struct Cpus {
#if defined(__linux__)
  cpu_set_t part[8] = {};  // 8192 CPUs
  int count() const { return CPU_COUNT_S(sizeof part, part); }
  Cpus() {
    if (sched_getaffinity(0, sizeof part, part) != 0) CPU_ZERO_S(sizeof part, part);
  }
#else
  int count() const { return 1; }
#endif
};

// A scheduler that likes to pack threads wakes a worker on the caller's CPU, where it would wait for the caller: there are
// others, and it is sent to them. A system call only when the caller has moved.
void send_away(Worker* worker, [[maybe_unused]] const Cpus& cpus) {
#if defined(__linux__)
  const int here = sched_getcpu(), id = __atomic_load_n(&worker->id, __ATOMIC_ACQUIRE);
  if (here < 0 || id == 0 || worker->left_cpu == here) return;
  Cpus others = cpus;
  CPU_CLR_S(static_cast<size_t>(here), sizeof others.part, others.part);
  if (others.count() != 0 && sched_setaffinity(id, sizeof others.part, others.part) == 0) worker->left_cpu = here;
#else
  (void)worker;
#endif
}

// How many workers can help, at most `wanted`; each then has enough scratch. The pool is ours.
int ready_workers(int wanted, int64_t scratch_bytes) {
  for (int i = 0; i < wanted; i++) {
    if (i == started) {
      if (!start_worker(&workers[i])) return i;
      started++;
    }
    Worker& worker = workers[i];
    if (worker.scratch == nullptr || worker.scratch_bytes < scratch_bytes) {
      pthread_mutex_lock(&worker.mutex);
      release(worker.scratch);
      worker.scratch = static_cast<uint8_t*>(allocate(scratch_bytes));
      worker.scratch_bytes = worker.scratch != nullptr ? scratch_bytes : 0;
      pthread_mutex_unlock(&worker.mutex);
      if (worker.scratch == nullptr) return i;
    }
  }
  return wanted;
}

}  // namespace

uint32_t Team::open(int most, int64_t first_rows) {
  most_ = most;
  fill(first_rows);
  const uint64_t run = (__atomic_load_n(&state_, __ATOMIC_RELAXED) >> 32) + 1;
  __atomic_store_n(&state_, run << 32 | 1 << 8, __ATOMIC_RELEASE);
  return static_cast<uint32_t>(run);
}

bool Team::join(uint32_t run, int64_t* phase) {
  uint64_t now = __atomic_load_n(&state_, __ATOMIC_ACQUIRE);
  for (;;) {
    const uint64_t members = now >> 8 & 0xff, arrived = now & 0xff;
    if (now >> 32 != run || members == 0) return false;
    if (arrived == members) {
      pause_cpu();
      now = __atomic_load_n(&state_, __ATOMIC_ACQUIRE);
    } else if (__atomic_compare_exchange_n(&state_, &now, now + (1 << 8), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      *phase = static_cast<int64_t>(now >> 16 & 0xffff);
      return true;
    }
  }
}

bool Team::take(int self, int64_t* begin, int64_t* end) {
  for (int other = 0; other < most_; other++) {
    if (shares_[(self + other) % most_].take(other == 0, begin, end)) return true;
  }
  return false;
}

void Team::pass(int64_t next_rows) {
  const uint64_t before = __atomic_fetch_add(&state_, 1, __ATOMIC_ACQ_REL);
  if ((before & 0xff) + 1 != (before >> 8 & 0xff)) {
    spin(before);
    return;
  }
  // Nobody else changes the state now. A run without members is over.
  if (next_rows >= 0) fill(next_rows);
  const uint64_t next = next_rows >= 0 ? (before & ~uint64_t{0xff}) + (1 << 16) : before >> 32 << 32;
  __atomic_store_n(&state_, next, __ATOMIC_RELEASE);
}

void Team::fill(int64_t rows) {
  for (int i = 0; i < most_; i++) shares_[i].fill(rows, i, most_);
}

void Team::spin(uint64_t before) const {
  const auto waits = [this, before] {
    const uint64_t now = __atomic_load_n(&state_, __ATOMIC_ACQUIRE);
    return now >> 16 == before >> 16 && (now & 0xff00) != 0;
  };
  for (int spins = 0; waits(); spins++) {
    // A participant that lost its CPU may need ours.
    if (spins < 4096) {
      pause_cpu();
    } else {
      sched_yield();
    }
  }
}

void run_on_pool(PoolBody body, const void* job, const PoolUse& use, int64_t scratch_bytes, int64_t phases,
                 int64_t first_rows) {
  const int threads = use.threads;
  const bool fits = threads > 1 && phases <= Team::kMostPhases;
  if (!fits || __atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) {
    body(job, 0, 0, nullptr, nullptr);
    return;
  }
  const Cpus cpus;
  int wanted = (threads < cpus.count() ? threads : cpus.count()) - 1;
  if (wanted > kMaxWorkers) wanted = kMaxWorkers;
  const int helpers = ready_workers(wanted, scratch_bytes);
  if (helpers == 0) {
    body(job, 0, 0, nullptr, nullptr);
  } else {
    const uint32_t run = team.open(helpers + 1, first_rows);
    for (int i = 0; i < helpers; i++) {
      Worker& worker = workers[i];
      send_away(&worker, cpus);
      pthread_mutex_lock(&worker.mutex);
      worker.assignment = {body, job, i + 1, run, use.spin_micros};
      __atomic_store_n(&worker.full, true, __ATOMIC_RELEASE);
      pthread_mutex_unlock(&worker.mutex);
      pthread_cond_signal(&worker.arrived);
    }
    body(job, 0, 0, nullptr, &team);
  }
  __atomic_store_n(&busy, false, __ATOMIC_RELEASE);
}

}  // namespace octet
