import { expect, test } from 'vitest'
import { isNoise, withoutNoise } from '../../../src-main/base/nodeProcessHostNoise.ts'

const said = (...pieces: string[]): string => {
  let written = ''
  const { take, end } = withoutNoise(text => (written += text))
  for (const piece of pieces) take(piece)
  end()
  return written
}

test.each([
  '2026-01-02 03:04:05.678901: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on. You may see slightly different results.',
  'To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow with the appropriate compiler flags.',
  'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
  'I0000 00:00:1767322245.678901    4242 cpu_feature_guard.cc:227] This TensorFlow binary is optimized',
  '(node:4242) [DEP0044] DeprecationWarning: The `util.isArray` API is deprecated. Please use `Array.isArray()` instead.',
  '(Use `node --trace-deprecation ...` to show where the warning was created)',
  'error: XDG_RUNTIME_DIR is invalid or not set in the environment.',
  'Warning: Vulkan shaderUniform*ArrayDynamicIndexing required.',
  ' - While initializing adapter (backend=BackendType::Vulkan)',
  '    at InitializeImpl (/build/_deps/dawn-src/src/dawn/native/vulkan/PhysicalDeviceVk.cpp:253)'
])('drops what libraries always say: %s', line => expect(isNoise(line)).toBe(true))

test.each([
  'E0000 00:00:1767322245.678901    4242 cuda_platform.cc:51] failed call to cuInit',
  '2026-01-02 03:04:05.678901: W tensorflow/core/framework/op_kernel.cc:1] out of memory',
  '2026-01-02 03:04:05.678901: F tensorflow/core/framework/op_kernel.cc:1] Check failed',
  'terminate called after throwing an instance of std::bad_alloc',
  '(node:4242) [DEP0180] DeprecationWarning: fs.Stats constructor is deprecated.',
  'Error: I am a stack trace',
  '    at InitializeImpl (file:///app/out/main/trainer.js:253:7)'
])('keeps trouble: %s', line => expect(isNoise(line)).toBe(false))

test('knows a line that comes in pieces, and keeps the rest as it is', () => {
  expect(said('one\n\ntwo XDG', '_RUNTIME_DIR is not', ' set\nthree\nfo', 'ur')).toBe('one\n\nthree\nfour\n')
})

test('does not hold back a line without an end', () => {
  const long = 'x'.repeat(100_000)
  expect(said(long, 'y')).toBe(`${long}y\n`)
})
