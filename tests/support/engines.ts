import { describe, test } from 'vitest'
import type { EngineInfo } from '../../src-preload/contract/app.ts'
import { engines } from '../../src-main/compute/index.ts'
import type { Engine } from '../../src-main/compute/engine.ts'

// What engines are compared with must share no code with them, also once TensorFlow is loaded.
process.env.STITCHWORK_EAGER = 'javascript'
const required = (process.env.STITCHWORK_REQUIRE_ENGINES ?? '').split(',').filter(Boolean)
const infos = new Map<string, EngineInfo>()
for (const engine of engines) infos.set(engine.id, await engine.describe())

/**
 * Runs one suite on every engine present. An absent engine is reported as skipped with its reason,
 * or as a failure when STITCHWORK_REQUIRE_ENGINES (ids, comma-separated) names it.
 */
export function describeEngines(name: string, suite: (engine: Engine) => void): void {
  for (const engine of engines) describeEngine(name, engine, suite)
  for (const id of required.filter(id => !infos.has(id))) absent(name, id, 'there is no such engine')
}

/** The same for all engines but `eager`, which the others are compared with. */
export function describeCompiledEngines(name: string, suite: (engine: Engine) => void): void {
  for (const engine of engines.filter(engine => engine.id !== 'eager')) describeEngine(name, engine, suite)
}

/** The same for one engine, for what is its own. */
export function describeOnly(id: string, name: string, suite: (engine: Engine) => void): void {
  for (const engine of engines.filter(engine => engine.id === id)) describeEngine(name, engine, suite)
}

function describeEngine(name: string, engine: Engine, suite: (engine: Engine) => void): void {
  const info = infos.get(engine.id)
  if (info?.available) describe(`${name} on ${engine.id}`, () => suite(engine))
  else absent(name, engine.id, info?.reason ?? 'no reason given')
}

function absent(name: string, id: string, reason: string): void {
  const title = `${name} on ${id}: SKIPPED, ${reason}`
  if (!required.includes(id)) return test.skip(title, () => {})
  test(`${name} on ${id}`, () => {
    throw new Error(`engine '${id}' is required by STITCHWORK_REQUIRE_ENGINES but absent: ${reason}`)
  })
}
