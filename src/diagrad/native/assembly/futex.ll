; Sleep and wake by Linux' futex: no lock, one call of the system.

declare i64 @syscall(i64, ...)

define internal void @setup() {
  ret void
}

; Sleeps while a word holds a value.
define internal void @wait(ptr %word, i32 %value) {
  %done = call i64 (i64, ...) @syscall(i64 $futex, ptr %word, i32 128, i32 %value, ptr null, ptr null, i32 0)
  ret void
}

; Wakes who sleeps on a word, one at most.
define internal void @wake(ptr %word) {
  %done = call i64 (i64, ...) @syscall(i64 $futex, ptr %word, i32 129, i32 1, ptr null, ptr null, i32 0)
  ret void
}
