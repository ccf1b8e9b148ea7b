declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare ptr @PyLong_FromLong(i64)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)

; The address of an argument's data; null if it is not what the spec says:
; spec = dtype, axes, type of a scalar or 0, flags, bytes, sizes ...
define internal ptr @data(ptr %object, ptr %spec, ptr %array) {
  %type.at = getelementptr i8, ptr %object, i64 8
  %type = load ptr, ptr %type.at
  %is.array = icmp eq ptr %type, %array
  br i1 %is.array, label %look, label %scalar
scalar:
  %scalar.at = getelementptr i64, ptr %spec, i64 2
  %scalar.type = load ptr, ptr %scalar.at
  %is.scalar = icmp eq ptr %type, %scalar.type
  %value = getelementptr i8, ptr %object, i64 16
  %found = select i1 %is.scalar, ptr %value, ptr null
  ret ptr %found
look:
  %descr.at = getelementptr i8, ptr %object, i64 56
  %descr = load ptr, ptr %descr.at
  %kind.at = getelementptr i8, ptr %descr, i64 24
  %kind.all = load i64, ptr %kind.at
  %kind = and i64 %kind.all, ${dtype}
  %want = load i64, ptr %spec
  %descr.fits = icmp eq i64 %kind, %want
  %nd.at = getelementptr i8, ptr %object, i64 24
  %nd = load i32, ptr %nd.at
  %nd.want.at = getelementptr i64, ptr %spec, i64 1
  %nd.want = load i64, ptr %nd.want.at
  %nd.wide = sext i32 %nd to i64
  %nd.fits = icmp eq i64 %nd.wide, %nd.want
  %flags.at = getelementptr i8, ptr %object, i64 64
  %flags = load i32, ptr %flags.at
  %flags.want.at = getelementptr i64, ptr %spec, i64 3
  %flags.want = load i64, ptr %flags.want.at
  %flags.wide = zext i32 %flags to i64
  %flags.have = and i64 %flags.wide, %flags.want
  %flags.fit = icmp eq i64 %flags.have, %flags.want
  %two = and i1 %descr.fits, %nd.fits
  %three = and i1 %two, %flags.fit
  br i1 %three, label %sizes, label %no
sizes:
  %dims.at = getelementptr i8, ptr %object, i64 32
  %dims = load ptr, ptr %dims.at
  br label %next
next:
  %axis = phi i64 [ 0, %sizes ], [ %axis.next, %same ]
  %done = icmp eq i64 %axis, %nd.wide
  br i1 %done, label %yes, label %compare
compare:
  %size.at = getelementptr i64, ptr %dims, i64 %axis
  %size = load i64, ptr %size.at
  %axis.place = add i64 %axis, 5
  %size.want.at = getelementptr i64, ptr %spec, i64 %axis.place
  %size.want = load i64, ptr %size.want.at
  %size.fits = icmp eq i64 %size, %size.want
  br i1 %size.fits, label %same, label %no
same:
  %axis.next = add i64 %axis, 1
  br label %next
yes:
  %data.at = getelementptr i8, ptr %object, i64 16
  %data = load ptr, ptr %data.at
  ret ptr %data
no:
  ret ptr null
}

; Where the data of input i ends.
define internal ptr @end(ptr %data, ptr %specs, i64 %words, i64 %i) {
  %offset = mul i64 %i, %words
  %place = add i64 %offset, 4
  %bytes.at = getelementptr i64, ptr %specs, i64 %place
  %bytes = load i64, ptr %bytes.at
  %end = getelementptr i8, ptr %data, i64 %bytes
  ret ptr %end
}

; args: the inputs, the outputs that are not donated, the workspace.
; table: array type, inputs, outputs, constants, words of a spec, release the lock?, callback, program, buffers,
; then the specs, then for each output the input whose memory it takes or -1, then the constants' data.
define ptr @entry(ptr %self, ptr %args, i64 %count) {
  %table.at = getelementptr i8, ptr %self, i64 16
  %table = load ptr, ptr %table.at
  %array = load ptr, ptr %table
  %inputs.at = getelementptr i64, ptr %table, i64 1
  %inputs = load i64, ptr %inputs.at
  %outputs.at = getelementptr i64, ptr %table, i64 2
  %outputs = load i64, ptr %outputs.at
  %constants.at = getelementptr i64, ptr %table, i64 3
  %constants = load i64, ptr %constants.at
  %words.at = getelementptr i64, ptr %table, i64 4
  %words = load i64, ptr %words.at
  %release.at = getelementptr i64, ptr %table, i64 5
  %release = load i64, ptr %release.at
  %program.at = getelementptr i64, ptr %table, i64 7
  %program = load ptr, ptr %program.at
  %room.at = getelementptr i64, ptr %table, i64 8
  %room = load i64, ptr %room.at
  %specs = getelementptr i64, ptr %table, i64 ${header}
  %buffers = alloca ptr, i64 %room, align 16
  br label %input
input:
  %i = phi i64 [ 0, %0 ], [ %i.next, %input.fits ]
  %i.end = icmp eq i64 %i, %inputs
  br i1 %i.end, label %rest, label %input.look
input.look:
  %object.at = getelementptr ptr, ptr %args, i64 %i
  %object = load ptr, ptr %object.at
  %spec.offset = mul i64 %i, %words
  %spec = getelementptr i64, ptr %specs, i64 %spec.offset
  %data = call ptr @data(ptr %object, ptr %spec, ptr %array)
  %bad = icmp eq ptr %data, null
  br i1 %bad, label %refuse, label %input.fits
input.fits:
  %buffer.at = getelementptr ptr, ptr %buffers, i64 %i
  store ptr %data, ptr %buffer.at
  %i.next = add i64 %i, 1
  br label %input
refuse:
  %which = phi i64 [ %i, %input.look ], [ %k, %other.look ]
  %minus = sub i64 -1, %which
  %refused = call ptr @PyLong_FromLong(i64 %minus)
  ret ptr %refused
rest:
  %all.words = mul i64 %inputs, %words
  %takes = getelementptr i64, ptr %specs, i64 %all.words
  br label %output
output:
  %j = phi i64 [ 0, %rest ], [ %j.next, %output.done ]
  %arg = phi i64 [ %inputs, %rest ], [ %arg.next, %output.done ]
  %j.end = icmp eq i64 %j, %outputs
  br i1 %j.end, label %last, label %output.look
output.look:
  %take.at = getelementptr i64, ptr %takes, i64 %j
  %take = load i64, ptr %take.at
  %own = icmp slt i64 %take, 0
  br i1 %own, label %output.own, label %output.donated
output.own:
  %out.at = getelementptr ptr, ptr %args, i64 %arg
  %out = load ptr, ptr %out.at
  %out.data.at = getelementptr i8, ptr %out, i64 16
  %out.data = load ptr, ptr %out.data.at
  %arg.more = add i64 %arg, 1
  br label %output.done
output.donated:
  %in.at = getelementptr ptr, ptr %buffers, i64 %take
  %in.data = load ptr, ptr %in.at
  %in.end = call ptr @end(ptr %in.data, ptr %specs, i64 %words, i64 %take)
  br label %other
other:
  %k = phi i64 [ 0, %output.donated ], [ %k.next, %other.apart ]
  %k.end = icmp eq i64 %k, %inputs
  br i1 %k.end, label %output.done, label %other.look
other.look:
  %other.at = getelementptr ptr, ptr %buffers, i64 %k
  %other.data = load ptr, ptr %other.at
  %other.end = call ptr @end(ptr %other.data, ptr %specs, i64 %words, i64 %k)
  %begins = icmp ult ptr %other.data, %in.end
  %ends = icmp ult ptr %in.data, %other.end
  %meet = and i1 %begins, %ends
  %another = icmp ne i64 %k, %take
  %overlap = and i1 %meet, %another
  br i1 %overlap, label %refuse, label %other.apart
other.apart:
  %k.next = add i64 %k, 1
  br label %other
output.done:
  %arg.next = phi i64 [ %arg.more, %output.own ], [ %arg, %other ]
  %where = phi ptr [ %out.data, %output.own ], [ %in.data, %other ]
  %place = add i64 %inputs, %j
  %place.at = getelementptr ptr, ptr %buffers, i64 %place
  store ptr %where, ptr %place.at
  %j.next = add i64 %j, 1
  br label %output
last:
  %const.data = getelementptr i64, ptr %takes, i64 %outputs
  %const.place = add i64 %inputs, %outputs
  %const.at = getelementptr ptr, ptr %buffers, i64 %const.place
  %const.bytes = mul i64 %constants, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %const.at, ptr %const.data, i64 %const.bytes, i1 false)
  %workspace.at = getelementptr ptr, ptr %args, i64 %arg
  %workspace.array = load ptr, ptr %workspace.at
  %workspace.data.at = getelementptr i8, ptr %workspace.array, i64 16
  %workspace.data = load i64, ptr %workspace.data.at
  %workspace.up = add i64 %workspace.data, 63
  %workspace.aligned = and i64 %workspace.up, -64
  %workspace = inttoptr i64 %workspace.aligned to ptr
  %work.at = getelementptr ptr, ptr %const.at, i64 %constants
  store ptr %workspace, ptr %work.at
  %callback.at = getelementptr i64, ptr %table, i64 6
  %callback = load ptr, ptr %callback.at
  %call.at = getelementptr ptr, ptr %work.at, i64 1
  store ptr %callback, ptr %call.at
  %long = icmp ne i64 %release, 0
  br i1 %long, label %free, label %locked
free:
  %thread = call ptr @PyEval_SaveThread()
  %status.free = call i64 %program(ptr %buffers)
  call void @PyEval_RestoreThread(ptr %thread)
  br label %end
locked:
  %status.locked = call i64 %program(ptr %buffers)
  br label %end
end:
  %status = phi i64 [ %status.free, %free ], [ %status.locked, %locked ]
  %interrupted = icmp eq i64 %status, 3
  br i1 %interrupted, label %raise, label %number
raise:
  ret ptr null
number:
  %result = call ptr @PyLong_FromLong(i64 %status)
  ret ptr %result
}
