/** A trainer whose event loop stands still from the first message on, as in a native call that does not end. */
import '../../../src-main/training/trainer.ts'

process.on('message', () => {
  process.send?.('hangs', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
})
