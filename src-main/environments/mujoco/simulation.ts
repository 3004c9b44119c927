import type { MjData, MjModel } from '@mujoco/mujoco'
import { invariant } from '../../base/errors.ts'
import { mjcfOf } from './mjcf.ts'
import { mujocoModule } from './module.ts'
import type { MujocoModule } from './module.ts'
import type { ModelSpec } from './spec.ts'

/** Windows into the memory of MuJoCo. They lose their content when it grows, and read as empty then. */
export interface Views {
  readonly qpos: Float64Array
  readonly qvel: Float64Array
  readonly ctrl: Float64Array
  readonly warmstart: Float64Array
  /** World positions of all bodies, the world's first, [bodies, 3]. */
  readonly xpos: Float64Array
  /** External contact wrenches of all bodies, the world's first, [bodies, 6]; as of the last `contactForces`. */
  readonly cfrcExt: Float64Array
}

/** One model and its data, reused for every episode; `dispose` frees them. */
export class Simulation {
  readonly #module: MujocoModule
  readonly #model: MjModel
  readonly #data: MjData
  #views: Views | null = null

  private constructor(module: MujocoModule, model: MjModel) {
    this.#module = module
    this.#model = model
    // MuJoCo would start an exploded episode anew without a word; here it fails.
    model.opt.disableflags |= module.mjtDisableBit.mjDSBL_AUTORESET.value
    this.#data = new module.MjData(model)
  }

  /** @throws UserError('unsupported') without MuJoCo, Error in MuJoCo's words for a model that it refuses */
  static async open(spec: ModelSpec): Promise<Simulation> {
    const module = await mujocoModule()
    const model = module.MjModel.from_xml_string(mjcfOf(spec))
    invariant(model, `MuJoCo gave no model for ${spec.name}`)
    return new Simulation(module, model)
  }

  /** The views, taken anew when the memory behind them has moved. */
  views(): Views {
    if (this.#views !== null && this.#views.qpos.length > 0) return this.#views
    const { qpos, qvel, ctrl, qacc_warmstart, xpos, cfrc_ext } = this.#data as unknown as Record<
      string,
      Float64Array
    >
    return (this.#views = { qpos, qvel, ctrl, warmstart: qacc_warmstart, xpos, cfrcExt: cfrc_ext })
  }

  /** Takes physics steps from what the views hold. */
  step(count: number): void {
    for (let index = 0; index < count; index++) this.#module.mj_step(this.#model, this.#data)
  }

  /** Fills everything that follows from qpos and qvel, such as `xpos`. */
  forward(): void {
    this.#module.mj_forward(this.#model, this.#data)
  }

  /** Fills `cfrcExt` from the contacts of the last step. */
  contactForces(): void {
    this.#module.mj_rnePostConstraint(this.#model, this.#data)
  }

  dispose(): void {
    this.#data.delete()
    this.#model.delete()
  }
}
