; Sleep and wake by the condition variables of POSIX.

; As large as on any system: 40 and 48 bytes on Linux, 64 and 48 on macOS.
@mutex = internal global [128 x i8] zeroinitializer, align 64
@condition = internal global [128 x i8] zeroinitializer, align 64

declare i32 @pthread_mutex_init(ptr, ptr)
declare i32 @pthread_mutex_lock(ptr)
declare i32 @pthread_mutex_unlock(ptr)
declare i32 @pthread_cond_init(ptr, ptr)
declare i32 @pthread_cond_wait(ptr, ptr)
declare i32 @pthread_cond_broadcast(ptr)

define internal void @setup() {
  call void @llvm.memset.p0.i64(ptr @mutex, i8 0, i64 128, i1 false)
  call void @llvm.memset.p0.i64(ptr @condition, i8 0, i64 128, i1 false)
  %m = call i32 @pthread_mutex_init(ptr @mutex, ptr null)
  %c = call i32 @pthread_cond_init(ptr @condition, ptr null)
  ret void
}

; Sleeps while a word holds a value, or until somebody is woken.
define internal void @wait(ptr %word, i32 %value) {
  %l = call i32 @pthread_mutex_lock(ptr @mutex)
  %now = load atomic i32, ptr %word seq_cst, align 4
  %is = icmp eq i32 %now, %value
  br i1 %is, label %sleep, label %done
sleep:
  %w = call i32 @pthread_cond_wait(ptr @condition, ptr @mutex)
  br label %done
done:
  %u = call i32 @pthread_mutex_unlock(ptr @mutex)
  ret void
}

; Wakes who sleeps on a word, and all others, who see that it was not for them.
define internal void @wake(ptr %word) {
  %l = call i32 @pthread_mutex_lock(ptr @mutex)
  %u = call i32 @pthread_mutex_unlock(ptr @mutex)
  %b = call i32 @pthread_cond_broadcast(ptr @condition)
  ret void
}
