; The team of threads. How it works is told in team.py; words with a dollar are filled in there.

; A seat is what a worker looks at, a cache line of its own: the epoch of the part that lies there to be taken,
; or 0; and whether the worker sleeps.
%seat = type { i64, i32, [52 x i8] }
%line = type { i64, [56 x i8] }
; What a region does: kernel, args, units, scratch, scratch_size, parts; and how long who waits spins.
%job = type { ptr, ptr, i64, ptr, i64, i64, i64 }
%time = type { i64, i64 }

@lock = internal global i32 0, align 64       ; 1 while a region has the team
@job = internal global %job zeroinitializer, align 64
@epoch = internal global %line zeroinitializer, align 64     ; counts regions; who waits for work reads it
@remaining = internal global %line zeroinitializer, align 64 ; parts of the workers that have not ended
@waiting = internal global i32 0, align 64    ; 1 while the caller sleeps until they have
@seats = internal global [$seats x %seat] zeroinitializer, align 64
@hired = internal global i64 0, align 64      ; workers that there are
@most = internal global i64 $workers          ; workers that there may be
@cores = internal global i64 1
@spin = internal global i64 $spin             ; nanoseconds

declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_detach(ptr)
declare i32 @pthread_sigmask(i32, ptr, ptr)
declare i32 @sigfillset(ptr)
declare i32 @sigdelset(ptr, i32)
declare i32 @clock_gettime(i32, ptr)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
$declare

; Runs a part of the region of an epoch if it still lies there to be taken.
define internal void @take(i64 %part, i64 %epoch) {
  %place = getelementptr [$seats x %seat], ptr @seats, i64 0, i64 %part
  %there = load atomic i64, ptr %place monotonic, align 64
  %mine = icmp eq i64 %there, %epoch
  br i1 %mine, label %try, label %no
try:
  %swap = cmpxchg ptr %place, i64 %epoch, i64 0 acq_rel monotonic
  %got = extractvalue { i64, i1 } %swap, 1
  br i1 %got, label %yes, label %no
yes:
  ; From here on the region cannot end without this part, so that what is read belongs to it.
  %kernel = load ptr, ptr @job
  %args.place = getelementptr %job, ptr @job, i64 0, i32 1
  %args = load ptr, ptr %args.place
  %units.place = getelementptr %job, ptr @job, i64 0, i32 2
  %units = load i64, ptr %units.place
  %scratch.place = getelementptr %job, ptr @job, i64 0, i32 3
  %scratch = load ptr, ptr %scratch.place
  %size.place = getelementptr %job, ptr @job, i64 0, i32 4
  %size = load i64, ptr %size.place
  %parts.place = getelementptr %job, ptr @job, i64 0, i32 5
  %parts = load atomic i64, ptr %parts.place monotonic, align 8
  call void @run(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %parts, i64 %part)
  %before = atomicrmw sub ptr @remaining, i64 1 seq_cst
  %last = icmp eq i64 %before, 1
  br i1 %last, label %ended, label %no
ended:
  %asleep = load atomic i32, ptr @waiting seq_cst, align 4
  %wake = icmp ne i32 %asleep, 0
  br i1 %wake, label %call, label %no
call:
  call void @wake(ptr @remaining)
  br label %no
no:
  ret void
}

; Who has seen a region wakes the two below it in the tree of workers that has the caller, 0, at its top.
define internal void @rouse(i64 %who, i64 %parts) {
entry:
  %twice = shl i64 %who, 1
  %first = add i64 %twice, 1
  %after = add i64 %twice, 3
  %stop = call i64 @llvm.umin.i64(i64 %after, i64 %parts)
  br label %head
head:
  %at = phi i64 [ %first, %entry ], [ %next, %on ]
  %more = icmp ult i64 %at, %stop
  br i1 %more, label %look, label %done
look:
  %bed = getelementptr [$seats x %seat], ptr @seats, i64 0, i64 %at, i32 1
  %asleep = load atomic i32, ptr %bed seq_cst, align 8
  %is = icmp ne i32 %asleep, 0
  br i1 %is, label %get.up, label %on
get.up:
  %was = atomicrmw xchg ptr %bed, i32 0 seq_cst
  %mine = icmp ne i32 %was, 0
  br i1 %mine, label %call, label %on
call:
  call void @wake(ptr %bed)
  br label %on
on:
  %next = add i64 %at, 1
  br label %head
done:
  ret void
}

define internal i64 @now() {
  %time = alloca %time
  %failed = call i32 @clock_gettime(i32 $clock, ptr %time)
  %seconds = load i64, ptr %time
  %place = getelementptr %time, ptr %time, i64 0, i32 1
  %rest = load i64, ptr %place
  %scaled = mul i64 %seconds, 1000000000
  %all = add i64 %scaled, %rest
  ret i64 %all
}

; Looks at a word until it is another than given, or until time is up: its last value.
define internal i64 @watch(ptr %word, i64 %old) {
entry:
  %first = load atomic i64, ptr %word acquire, align 64
  %at.once = icmp ne i64 %first, %old
  br i1 %at.once, label %changed, label %patience
patience:
  %spin.place = getelementptr %job, ptr @job, i64 0, i32 6
  %spin = load atomic i64, ptr %spin.place monotonic, align 8
  %none = icmp eq i64 %spin, 0
  br i1 %none, label %changed, label %begin
begin:
  %start = call i64 @now()
  br label %round
round:
  br label %look
look:
  %count = phi i64 [ 0, %round ], [ %next, %pause ]
  %value = load atomic i64, ptr %word acquire, align 64
  %is = icmp ne i64 %value, %old
  br i1 %is, label %changed, label %pause
pause:
  $pause
  %next = add i64 %count, 1
  %again = icmp ult i64 %next, 32
  br i1 %again, label %look, label %clock
clock:
  %time = call i64 @now()
  %passed = sub i64 %time, %start
  %up = icmp uge i64 %passed, %spin
  br i1 %up, label %changed, label %round
changed:
  %result = phi i64 [ %first, %entry ], [ %first, %patience ], [ %value, %look ], [ %value, %clock ]
  ret i64 %result
}

define internal ptr @worker(ptr %argument) {
entry:
  %who = ptrtoint ptr %argument to i64
  %bed = getelementptr [$seats x %seat], ptr @seats, i64 0, i64 %who, i32 1
  br label %look
look:
  %seen = phi i64 [ 0, %entry ], [ %epoch, %mine ]
  br label %spin
spin:
  %spun = call i64 @watch(ptr @epoch, i64 %seen)
  %came = icmp ne i64 %spun, %seen
  br i1 %came, label %work, label %sleep
sleep:
  %last = phi i64 [ %seen, %spin ], [ %last, %up ], [ %passed.by, %others ]
  store atomic i32 1, ptr %bed seq_cst, align 8
  %meanwhile = load atomic i64, ptr @epoch seq_cst, align 64
  %missed = icmp ne i64 %meanwhile, %last
  br i1 %missed, label %stay, label %lie
stay:
  store atomic i32 0, ptr %bed seq_cst, align 8
  br label %work
lie:
  call void @wait(ptr %bed, i32 1)
  %still = load atomic i32, ptr %bed seq_cst, align 8
  %dreamt = icmp ne i32 %still, 0
  br i1 %dreamt, label %lie, label %up
up:
  %morning = load atomic i64, ptr @epoch seq_cst, align 64
  %any = icmp ne i64 %morning, %last
  br i1 %any, label %work, label %sleep
work:
  %epoch = phi i64 [ %spun, %spin ], [ %meanwhile, %stay ], [ %morning, %up ]
  %parts.place = getelementptr %job, ptr @job, i64 0, i32 5
  %parts = load atomic i64, ptr %parts.place monotonic, align 8
  %in = icmp ult i64 %who, %parts
  br i1 %in, label %mine, label %others
others:
  ; A region that is too small for this worker: it goes to bed, and whoever needs it wakes it.
  %passed.by = phi i64 [ %epoch, %work ]
  br label %sleep
mine:
  call void @rouse(i64 %who, i64 %parts)
  call void @take(i64 %who, i64 %epoch)
  br label %look
}

; Workers until there are so many. Those that the system does not give, nobody asks for again. They take no
; signals, which are the main thread's, but for those of a fault of their own.
define internal void @hire(i64 %needed) {
entry:
  %most = load i64, ptr @most
  %wanted = call i64 @llvm.umin.i64(i64 %needed, i64 %most)
  %have = load i64, ptr @hired
  %enough = icmp uge i64 %have, %wanted
  br i1 %enough, label %done, label %mask
mask:
  %blocked = alloca [128 x i8], align 16
  %before = alloca [128 x i8], align 16
  %thread = alloca ptr
  %s0 = call i32 @sigfillset(ptr %blocked)
  %s1 = call i32 @sigdelset(ptr %blocked, i32 $sigsegv)
  %s2 = call i32 @sigdelset(ptr %blocked, i32 $sigbus)
  %s3 = call i32 @sigdelset(ptr %blocked, i32 $sigfpe)
  %s4 = call i32 @sigdelset(ptr %blocked, i32 $sigill)
  %s5 = call i32 @pthread_sigmask(i32 $setmask, ptr %blocked, ptr %before)
  br label %head
head:
  %at = phi i64 [ %have, %mask ], [ %who, %next ]
  %more = icmp ult i64 %at, %wanted
  br i1 %more, label %make, label %unmask
make:
  %who = add i64 %at, 1
  %argument = inttoptr i64 %who to ptr
  %failed = call i32 @pthread_create(ptr %thread, ptr null, ptr @worker, ptr %argument)
  %fails = icmp ne i32 %failed, 0
  br i1 %fails, label %no.more, label %next
next:
  store i64 %who, ptr @hired
  %id = load ptr, ptr %thread
  %s6 = call i32 @pthread_detach(ptr %id)
  br label %head
no.more:
  store i64 %at, ptr @most
  br label %unmask
unmask:
  %s7 = call i32 @pthread_sigmask(i32 $setmask, ptr %before, ptr null)
  br label %done
done:
  ret void
}

; A region: a kernel on all of its units, in as many parts as there are threads.
define void @dg_parallel(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %threads) {
entry:
  %some = call i64 @llvm.smax.i64(i64 %threads, i64 1)
  %parts = call i64 @llvm.umin.i64(i64 %units, i64 %some)
  %others = sub i64 %parts, 1
  %fits = icmp ule i64 %others, $workers
  %several = icmp ugt i64 %parts, 1
  %worth = and i1 %fits, %several
  br i1 %worth, label %try, label %alone
try:
  %swap = cmpxchg ptr @lock, i32 0, i32 1 acquire monotonic
  %got = extractvalue { i32, i1 } %swap, 1
  br i1 %got, label %lead, label %alone

alone:
  call void @alone(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %parts)
  ret void

lead:
  call void @hire(i64 %others)
  store ptr %kernel, ptr @job
  %args.place = getelementptr %job, ptr @job, i64 0, i32 1
  store ptr %args, ptr %args.place
  %units.place = getelementptr %job, ptr @job, i64 0, i32 2
  store i64 %units, ptr %units.place
  %scratch.place = getelementptr %job, ptr @job, i64 0, i32 3
  store ptr %scratch, ptr %scratch.place
  %size.place = getelementptr %job, ptr @job, i64 0, i32 4
  store i64 %size, ptr %size.place
  %parts.place = getelementptr %job, ptr @job, i64 0, i32 5
  store atomic i64 %parts, ptr %parts.place monotonic, align 8
  ; With more threads than cores, who spins keeps somebody else from working.
  %cores = load i64, ptr @cores
  %room = icmp ule i64 %parts, %cores
  %spin = load i64, ptr @spin
  %patience = select i1 %room, i64 %spin, i64 0
  %spin.place = getelementptr %job, ptr @job, i64 0, i32 6
  store atomic i64 %patience, ptr %spin.place monotonic, align 8
  store atomic i64 %others, ptr @remaining monotonic, align 64
  %last = load atomic i64, ptr @epoch monotonic, align 64
  %epoch = add i64 %last, 1
  br label %open
open:
  %o.part = phi i64 [ 1, %lead ], [ %o.next, %open ]
  %seat = getelementptr [$seats x %seat], ptr @seats, i64 0, i64 %o.part
  store atomic i64 %epoch, ptr %seat release, align 64
  %o.next = add i64 %o.part, 1
  %o.more = icmp ult i64 %o.next, %parts
  br i1 %o.more, label %open, label %go
go:
  store atomic i64 %epoch, ptr @epoch seq_cst, align 64
  call void @rouse(i64 0, i64 %parts)
  call void @run(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %parts, i64 0)
  br label %help

  ; Parts that no worker has begun yet, from the last, whose worker wakes last.
help:
  %h.part = phi i64 [ %others, %go ], [ %h.next, %h.take ]
  %h.left = load atomic i64, ptr @remaining acquire, align 64
  %h.any = icmp ne i64 %h.left, 0
  %h.more = icmp ne i64 %h.part, 0
  %h.go = and i1 %h.any, %h.more
  br i1 %h.go, label %h.take, label %watch
h.take:
  call void @take(i64 %h.part, i64 %epoch)
  %h.next = sub i64 %h.part, 1
  br label %help

watch:
  %left = load atomic i64, ptr @remaining acquire, align 64
  %ended = icmp eq i64 %left, 0
  br i1 %ended, label %done, label %patient
patient:
  %now = call i64 @watch(ptr @remaining, i64 %left)
  %changed = icmp ne i64 %now, %left
  br i1 %changed, label %watch, label %sleep
sleep:
  store atomic i32 1, ptr @waiting seq_cst, align 64
  %s.left = load atomic i64, ptr @remaining seq_cst, align 64
  %s.ended = icmp eq i64 %s.left, 0
  br i1 %s.ended, label %awake, label %lie
lie:
  %word = trunc i64 %s.left to i32
  call void @wait(ptr @remaining, i32 %word)
  br label %sleep
awake:
  store atomic i32 0, ptr @waiting monotonic, align 64
  br label %done
done:
  store atomic i32 0, ptr @lock release, align 64
  ret void
}

; In a child after fork, where there are no workers, and a region of another thread may be frozen halfway.
define void @dg_team_forget() {
  store i32 0, ptr @lock
  store i32 0, ptr @waiting
  store i64 0, ptr @hired
  store i64 $workers, ptr @most
  call void @llvm.memset.p0.i64(ptr @seats, i8 0, i64 $seat_bytes, i1 false)
  call void @setup()
  ret void
}

; Once, before all else.
define void @dg_team_prepare(i64 %cores) {
  store i64 %cores, ptr @cores
  call void @setup()
  ret void
}

; How many workers there are.
define i64 @dg_team_size() {
  %hired = load atomic i64, ptr @hired monotonic, align 64
  ret i64 %hired
}
