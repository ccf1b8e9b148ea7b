; Where there are no threads of POSIX: the same parts, one after the other.

define void @dg_parallel(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %threads) {
  %some = call i64 @llvm.smax.i64(i64 %threads, i64 1)
  %parts = call i64 @llvm.umin.i64(i64 %units, i64 %some)
  call void @alone(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %parts)
  ret void
}

define void @dg_team_forget() {
  ret void
}

define void @dg_team_prepare(i64 %cores) {
  ret void
}

define i64 @dg_team_size() {
  ret i64 0
}
