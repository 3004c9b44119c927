// Starts the WebGPU provider once and exits with 0, or says why not: a driver may crash, so tests ask in a process of their own.
import { gpuProviders } from '../../../src-main/compute/onnx/providers.ts'
import { compileFunctionOn } from '../../../src-main/compute/onnx/gpuEngines.ts'

const webgpu = gpuProviders.find(({ id }) => id === 'onnx-webgpu')!
try {
  const fn = {
    id: 'pass',
    params: {},
    inputs: { x: { shape: [1], dtype: 'float32' as const } },
    outputs: ['x'],
    fn: (_params: unknown, { x }: never) => ({ x })
  }
  const callable = await compileFunctionOn(webgpu, fn)
  await callable.bind({})
  await callable.call({ x: Float32Array.of(1) })
} catch (error) {
  process.stdout.write(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
