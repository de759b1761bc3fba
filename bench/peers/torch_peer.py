"""PyTorch 2 on the same step, tuned: eager, or through torch.compile. Usage: torch_peer.py FOLDER THREADS eager|rows|compile"""

import sys
import time

import torch
from exercise import Batches, Exercise, serve
from torch_model import MaskedLanguageModel

TRIAL_SECONDS = 2.0


class Training:
    """One optimizer step: masking, forward and backward by micro-batches, clipping, fused AdamW."""

    def __init__(self, exercise, mode):
        self.exercise = exercise
        self.batches = Batches(exercise)
        self.model = MaskedLanguageModel(exercise, last_layer_at_rows=mode == "rows")
        self.loss = torch.compile(self.model, dynamic=False, fullgraph=True) if mode == "compile" else self.model
        options = exercise.step["optimizer"]
        named = list(self.model.named_parameters())
        decayed = [p for _, p in named if p.dim() > 1]
        others = [p for _, p in named if p.dim() <= 1]
        # A constant small rate instead of a warm-up: the time of a step does not depend on it.
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": options["weightDecay"]}, {"params": others, "weight_decay": 0.0}],
            lr=options["learningRate"] / 100,
            betas=(options["beta1"], options["beta2"]),
            eps=options["epsilon"],
            fused=True,
        )
        self.max_norm = options["maxGradientNorm"]
        self.micro_batch = exercise.step["batchSize"]

    def step(self):
        input_ids, positions, labels = (torch.from_numpy(array) for array in self.batches.next())
        count, length = input_ids.shape
        masked = len(positions) // count
        total = 0.0
        for start in range(0, count, self.micro_batch):
            rows = slice(start, start + self.micro_batch)
            own = slice(start * masked, (start + self.micro_batch) * masked)
            loss = self.loss(input_ids[rows], positions[own] - start * length, labels[own]) / len(positions)
            loss.backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.max_norm, foreach=True)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return total

    def initial_loss(self):
        # Lacuna's batch has not as many masks in each sequence, so the whole last layer is computed for it ...
        at_rows, self.model.last_layer_at_rows = self.model.last_layer_at_rows, False
        loss = self.loss_of(self.exercise.first_batch())
        if at_rows:  # ... and a batch with as many must have the same loss either way.
            batch = Batches(self.exercise).next()
            whole = self.loss_of(batch)
            self.model.last_layer_at_rows = True
            if abs(self.loss_of(batch) - whole) > 1e-5 * whole:
                raise SystemExit("the last layer at masked positions is another than among all")
        return loss

    def loss_of(self, batch):
        input_ids, positions, labels = (torch.from_numpy(array) for array in batch)
        with torch.no_grad():
            return float(self.model(input_ids, positions, labels)) / len(positions)


def divisors(count, least):
    return [size for size in range(least, count + 1) if count % size == 0]


def candidates(exercise, compiled):
    """Micro-batches to try: the powers of two among the divisors; for the compiler only Lacuna's own and the whole."""
    whole, own = exercise.step["batchSize"], exercise.step["microBatchSize"]
    if compiled:
        return sorted({own, whole})
    least = max(1, 512 // exercise.step["sequenceLength"])
    return [size for size in divisors(whole, min(least, whole)) if size & (size - 1) == 0 or size == whole]


def trial(training, micro_batch, threads):
    """(seconds a step, micro-batch, threads), after a warm-up of one step."""
    training.micro_batch = micro_batch
    torch.set_num_threads(threads)
    training.step()
    started, steps = time.perf_counter(), 0
    while steps == 0 or time.perf_counter() < started + TRIAL_SECONDS:
        training.step()
        steps += 1
    return (time.perf_counter() - started) / steps, micro_batch, threads


def tune(training, threads, compiled):
    """The fastest number of threads at Lacuna's micro-batch, then the fastest micro-batch with those threads."""
    own = training.exercise.step["microBatchSize"]
    trials = [trial(training, own, count) for count in sorted({threads, max(1, threads // 2)}, reverse=True)]
    chosen = min(trials)[2]
    others = [size for size in candidates(training.exercise, compiled) if size != own]
    trials += [trial(training, size, chosen) for size in others]
    best = min(trials)
    _, training.micro_batch, count = best
    torch.set_num_threads(count)
    return best, trials


def main():
    folder, threads, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    torch.manual_seed(0)
    torch.set_flush_denormal(True)
    exercise = Exercise(folder)
    training = Training(exercise, mode)
    initial_loss = training.initial_loss()
    (_, micro_batch, count), trials = tune(training, threads, mode == "compile")
    for seconds, tried, tried_threads in trials:
        print(f"  {mode}: {tried} sequences at once, {tried_threads} threads: {seconds:.3f} s a step", file=sys.stderr)
    ready = {
        "parameters": sum(parameter.numel() for parameter in training.model.parameters()),
        "initialLossNats": initial_loss,
        "detail": f"torch {torch.__version__}, {count} threads, {micro_batch} of {exercise.step['batchSize']} sequences at once",
    }
    serve(ready, training.step)


main()
