#include "plan/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "base/fp_environment.h"
#include "base/memory.h"

namespace octet {

namespace {

constexpr int kMaxWorkers = 255;

struct Assignment {
  PoolBody body;
  const void* job;
  int self, count;
  Team* team;
};

// A sleeping thread with a letter box of its own: a worker left out of a run sees nothing of it.
struct Worker {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
  bool full = false;
  Assignment assignment = {};
  // Written by the owner of the pool while the worker sleeps.
  uint8_t* scratch = nullptr;
  int64_t scratch_bytes = 0;
};

// Constant-initialised and without destructors: workers may sleep here until the process is gone.
bool busy = false;
int started = 0;
Worker workers[kMaxWorkers];
Share shares[kMaxWorkers + 1];
Team team = {{}, shares};

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void* work(void* argument) {
  Worker& self = *static_cast<Worker*>(argument);
  const DefaultFpEnvironment environment;
  for (;;) {
    pthread_mutex_lock(&self.mutex);
    while (!self.full) pthread_cond_wait(&self.arrived, &self.mutex);
    self.full = false;
    const Assignment a = self.assignment;
    uint8_t* const scratch = self.scratch;
    pthread_mutex_unlock(&self.mutex);
    a.body(a.job, a.self, a.count, scratch, a.team);
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

// CPUs this process may use now (an affinity mask may change while it lives).
int allowed_cpus() {
#if defined(__linux__)
  struct {
    cpu_set_t part[8];  // 8192 CPUs
  } set;
  if (sched_getaffinity(0, sizeof set, set.part) != 0) return 1;
  return CPU_COUNT_S(sizeof set, set.part);
#else
  return 1;
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

void Barrier::spin(uint32_t generation) const {
  for (int spins = 0; __atomic_load_n(&generation_, __ATOMIC_ACQUIRE) == generation; spins++) {
    // A participant that lost its CPU may need ours.
    if (spins < 4096) {
      pause_cpu();
    } else {
      sched_yield();
    }
  }
}

void run_on_pool(PoolBody body, const void* job, int threads, int64_t scratch_bytes, int64_t first_rows) {
  if (threads > 1 && !__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) {
    const int cpus = allowed_cpus();
    int wanted = (threads < cpus ? threads : cpus) - 1;
    if (wanted > kMaxWorkers) wanted = kMaxWorkers;
    const int helpers = ready_workers(wanted, scratch_bytes);
    for (int i = 0; i <= helpers; i++) shares[i].fill(first_rows, i, helpers + 1);
    for (int i = 0; i < helpers; i++) {
      Worker& worker = workers[i];
      pthread_mutex_lock(&worker.mutex);
      worker.assignment = {body, job, i + 1, helpers + 1, &team};
      worker.full = true;
      pthread_cond_signal(&worker.arrived);
      pthread_mutex_unlock(&worker.mutex);
    }
    body(job, 0, helpers + 1, nullptr, &team);
    __atomic_store_n(&busy, false, __ATOMIC_RELEASE);
    return;
  }
  Team alone = {{}, nullptr};
  body(job, 0, 1, nullptr, &alone);
}

}  // namespace octet
