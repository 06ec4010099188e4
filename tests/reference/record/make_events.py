"""Writes the event file of TensorBoard that the record of a training run is held against.

    python3 make_events.py

needs tensorboard and tensorboardX (the stored file: tensorboard 2.21.0, tensorboardX 2.6.5, protobuf 7.36.2).
The same events go through the writers of both; their bytes must be the same, and are stored as events.ref.
"""

import io
import pathlib
import struct

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboardX.proto.event_pb2 import Event as EventX
from tensorboardX.record_writer import RecordWriter as RecordWriterX

HERE = pathlib.Path(__file__).parent
BEGAN = 1767225600.25
NAN, INFINITY = float("nan"), float("inf")
# Step, seconds, and what was measured.
STEPS = [
    (1, 0.5, [("loss/train", 3.25), ("learning_rate", 1e-4), ("gradient_norm", 0.75)]),
    (2, 1.0, [("loss/train", NAN), ("learning_rate", 3e-4)]),
    (2, 1.5, [("loss/valid", 2.875)]),
    (300, 2.0, [("loss/train", 0.0), ("learning_rate", 0.0), ("gradient_norm", 1e-42)]),
    (100_000, 86_400.0, [("loss/train", INFINITY), ("learning_rate", 2e-4), ("gradient_norm", 1e30)]),
    (100_000, 86_401.0, [("loss/valid", 0.1)]),
]


def events(event):
    yield event(wall_time=BEGAN, file_version="brain.Event:2")
    for step, seconds, values in STEPS:
        made = event(wall_time=BEGAN + seconds, step=step)
        for tag, value in values:
            made.summary.value.add(tag=tag, simple_value=value)
        yield made


class Kept(io.BytesIO):
    """Outlives its writer."""

    def close(self):
        pass


def by_tensorboard():
    out = Kept()
    writer = RecordWriter(out)
    for event in events(Event):
        writer.write(event.SerializeToString(deterministic=True))
    writer.flush()
    return out.getvalue()


def by_tensorboardx():
    path = HERE / "events.tmp"
    writer = RecordWriterX(str(path))
    for event in events(EventX):
        writer.write(event.SerializeToString(deterministic=True))
    writer.close()
    found = path.read_bytes()
    path.unlink()
    return found


found = by_tensorboard()
assert found == by_tensorboardx(), "the two writers differ"
# A guard against a reference that says nothing: the first record is as long as it says.
assert struct.unpack("<Q", found[:8])[0] == 24, struct.unpack("<Q", found[:8])
(HERE / "events.ref").write_bytes(found)
print(len(found), "bytes")
