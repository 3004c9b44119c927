import { z } from 'zod'
import { call } from './define.ts'
import { sceneDescription } from './scene.ts'
import { empty, json } from './values.ts'

/** One configuration field as a form shows it; the text is the docstring of the config schema in the algorithm's file. */
export const configField = z.object({
  name: z.string(),
  title: z.string(),
  /** Meaning, range, and what happens when it grows. */
  description: z.string(),
  kind: z.enum(['number', 'integer', 'boolean', 'choice', 'numbers']),
  default: z.unknown(),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  exclusiveMinimum: z.boolean(),
  exclusiveMaximum: z.boolean(),
  choices: z.array(z.object({ value: z.string(), label: z.string() })),
  unit: z.string().nullable(),
  /** `algorithm` fields are the paper's; `training`, `network` and `data` are shared by all. */
  section: z.enum(['algorithm', 'network', 'training', 'data', 'evaluation']),
  /** Shown only when another field has this value, e.g. `{ field: 'weighting', value: 'exp' }`. */
  when: z.object({ field: z.string(), value: z.unknown() }).nullable()
})
export type ConfigField = z.infer<typeof configField>

/** What an algorithm reads from the data; where a dataset lacks it, the form says so instead of offering it. */
export const requirement = z.enum(['rewards', 'nextObservations', 'nextActions', 'episodes'])
export type Requirement = z.infer<typeof requirement>

export const algorithmInfo = z.object({
  id: z.string(),
  title: z.string(),
  /** The field's acronym, for runs and legends. */
  shortTitle: z.string(),
  summary: z.string(),
  source: z.string(),
  needs: z.array(requirement),
  actions: z.array(z.enum(['continuous', 'discrete'])),
  fields: z.array(configField),
  /** Named starting points; `domain` matches an environment's domain. */
  presets: z.array(z.object({ id: z.string(), title: z.string(), domain: z.string(), config: json }))
})
export type AlgorithmInfo = z.infer<typeof algorithmInfo>

export const algorithmsContract = {
  list: call(empty, z.array(algorithmInfo)),
  /** Problems of a configuration field by field (empty when valid), with defaults filled in. */
  validate: call(
    z.object({ algorithm: z.string(), config: json, datasetId: z.string().nullable().default(null) }),
    z.object({
      config: json,
      problems: z.array(z.object({ field: z.string().nullable(), text: z.string() }))
    })
  )
}

export const environmentInfo = z.object({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  domain: z.string(),
  observationNames: z.array(z.string()),
  actionNames: z.array(z.string()),
  maxSteps: z.number().int(),
  /**
   * Observation dimensions of a 2-D map, when positions make sense; what to draw under it. All numbers are in observation
   * units with y upwards; `x`, `y` of a shape is its centre.
   */
  map: z
    .object({
      x: z.number().int(),
      y: z.number().int(),
      xRange: z.tuple([z.number(), z.number()]),
      yRange: z.tuple([z.number(), z.number()]),
      shapes: z.array(
        z.object({
          kind: z.enum(['block', 'start', 'goal', 'trap', 'consolation', 'label']),
          x: z.number(),
          y: z.number(),
          width: z.number(),
          height: z.number(),
          text: z.string()
        })
      )
    })
    .nullable(),
  /** Whether it has a scene for a replay, see `environments.scene`. */
  hasScene: z.boolean(),
  scoreReference: z.object({ low: z.number(), high: z.number(), source: z.string() }).nullable(),
  /** Why returns are not normalised to scores, where there is no reference. */
  noScore: z.string().optional()
})
export type EnvironmentInfo = z.infer<typeof environmentInfo>

export const environmentsContract = {
  list: call(empty, z.array(environmentInfo)),
  /** What a replay of its episodes draws; null for an environment without a scene. */
  scene: call(z.object({ environmentId: z.string() }), sceneDescription.nullable())
}
