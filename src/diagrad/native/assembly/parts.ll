; Part p of n has the units from ⌊units·p/n⌋ to ⌊units·(p+1)/n⌋.
define internal void @run(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %parts, i64 %part) {
  %low = mul i64 %units, %part
  %high = add i64 %low, %units
  %begin = udiv i64 %low, %parts
  %end = udiv i64 %high, %parts
  %offset = mul i64 %size, %part
  %own = getelementptr i8, ptr %scratch, i64 %offset
  call void %kernel(ptr %args, i64 %begin, i64 %end, i64 %part, ptr %own)
  ret void
}

declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)

; All parts, one after the other.
define internal void @alone(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %parts) {
entry:
  br label %head
head:
  %part = phi i64 [ 0, %entry ], [ %next, %body ]
  %more = icmp ult i64 %part, %parts
  br i1 %more, label %body, label %done
body:
  call void @run(ptr %kernel, ptr %args, i64 %units, ptr %scratch, i64 %size, i64 %parts, i64 %part)
  %next = add i64 %part, 1
  br label %head
done:
  ret void
}
