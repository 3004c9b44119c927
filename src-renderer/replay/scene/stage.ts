import { type BufferGeometry, Color, Mesh, PerspectiveCamera, Scene } from 'three'
import type { EpisodeGoal } from '../../../src-preload/contract/evaluations.ts'
import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { cameraOfAll, noTurn, goesOn, type CameraTurn, type Seen } from './camera.ts'
import type { SceneColours } from './colours.ts'
import { withGoal } from './goals.ts'
import { Ground } from './ground.ts'
import { Kinematics, poseSize, positionsAt } from './kinematics.ts'
import { BodyMaterial, newHaze, setColour } from './materials.ts'
import { bodyGeometries, geometryOf, RobotMesh, type Detail } from './meshes.ts'
import { opacityOf, panesOf, type SceneLayout } from './panes.ts'
import { Surface } from './surface.ts'
import { contextOn } from './webgl.ts'

/** One episode of a robot as a picture needs it. */
export interface SceneTrack {
  readonly id: string
  readonly name: string
  readonly colour: string
  /** qpos, [T + 1, positionSize] */
  readonly positions: Float32Array
  readonly positionSize: number
  /** Steps T. */
  readonly length: number
  /** Its own, where it had one. */
  readonly goal?: EpisodeGoal | null
}

/** A picture to draw. */
export interface Frame {
  /** Fractional step of each track. */
  readonly steps: readonly number[]
  readonly layout: SceneLayout
  readonly turn?: CameraTurn
}

/** Metres over which things fade into the sky, behind what the camera looks at. */
const fadeLength = 13

interface Actor {
  readonly track: SceneTrack
  readonly mesh: RobotMesh
  /** What it is to reach, where the episode places that. */
  readonly goal: RobotMesh
  /** In place of the world's mark; null for who has none of its own. */
  readonly ownGoal: Mesh | null
  readonly material: BodyMaterial
  readonly poses: Float64Array
}

/** The stage of a replay: one surface for all tracks, a pane each or all in one. Dispose it when done. */
export class SceneStage {
  readonly #description: SceneDescription
  readonly #kinematics: Kinematics
  readonly #surface: Surface
  readonly #ownsSurface: boolean
  readonly #scene = new Scene()
  readonly #camera = new PerspectiveCamera()
  readonly #haze = newHaze()
  readonly #ground = new Ground(this.#haze)
  readonly #world: Readonly<Record<'wall' | 'goal', BodyMaterial>>
  readonly #robots: readonly (BufferGeometry | null)[]
  readonly #goals: readonly (BufferGeometry | null)[]
  /** All of them. */
  readonly #geometries: readonly (BufferGeometry | null)[]
  readonly #goalMaterial: BodyMaterial
  readonly #detail: Detail
  readonly #worldGoal: Mesh | null
  readonly #positions: Float64Array
  /** Behind everything, and between the panes. */
  readonly #sky = new Color()
  #actors: readonly Actor[] = []
  #size = { width: 1, height: 1 }

  /**
   * @param surface what is drawn on; a canvas is given a context of its own, which ends with the stage
   * @throws Error where the browser gives no WebGL context
   */
  constructor(surface: Surface | HTMLCanvasElement, description: SceneDescription, colours: SceneColours) {
    this.#description = description
    this.#kinematics = new Kinematics(description)
    this.#positions = new Float64Array(description.positionSize)
    this.#ownsSurface = !(surface instanceof Surface)
    this.#surface = surface instanceof Surface ? surface : new Surface(contextOn(surface, true))
    this.#camera.up.set(0, 0, 1)
    // What a film shows may cost more than what is played.
    const detail = this.#surface.software && !this.#ownsSurface ? 'coarse' : 'fine'
    this.#detail = detail
    this.#robots = bodyGeometries(description, 'robot', detail)
    this.#goals = bodyGeometries(description, 'goal', detail)
    this.#goalMaterial = new BodyMaterial(colours.goal, this.#haze, 0.8)
    this.#world = {
      wall: new BodyMaterial(colours.wall, this.#haze),
      goal: new BodyMaterial(colours.goal, this.#haze, 0.6)
    }
    this.#scene.background = this.#sky
    this.#scene.add(this.#ground)
    const still = (['wall', 'goal'] as const).map(role => this.#standing(description, role))
    for (const mesh of still) if (mesh !== null) this.#scene.add(mesh)
    this.#worldGoal = still[1] ?? null
    this.#geometries = [...this.#robots, ...this.#goals, ...still.map(mesh => mesh?.geometry ?? null)]
    this.setColours(colours)
  }

  /** What does not move of a scene. */
  #standing(scene: SceneDescription, role: 'wall' | 'goal'): Mesh | null {
    const geometry = geometryOf(scene, -1, role, this.#detail)
    return geometry && new Mesh(geometry, this.#world[role])
  }

  setColours(colours: SceneColours): void {
    this.#sky.set(colours.sky)
    setColour(this.#haze.sky.value, colours.sky)
    this.#ground.material.setColours(colours.ground, colours.line)
    this.#goalMaterial.setColour(colours.goal)
    this.#world.wall.setColour(colours.wall)
    this.#world.goal.setColour(colours.goal)
  }

  /** Replaces the robots on the stage. */
  setTracks(tracks: readonly SceneTrack[]): void {
    for (const actor of this.#actors) {
      this.#scene.remove(actor.mesh.group)
      actor.material.dispose()
      actor.ownGoal?.geometry.dispose()
    }
    this.#actors = tracks.map(track => {
      const material = new BodyMaterial(track.colour, this.#haze)
      const mesh = new RobotMesh(this.#robots, material)
      const goal = new RobotMesh(this.#goals, this.#goalMaterial)
      const ownGoal = track.goal ? this.#standing(withGoal(this.#description, track.goal), 'goal') : null
      mesh.group.add(goal.group)
      if (ownGoal !== null) mesh.group.add(ownGoal)
      this.#scene.add(mesh.group)
      return {
        track,
        mesh,
        goal,
        ownGoal,
        material,
        poses: new Float64Array(this.#description.bodies.length * poseSize)
      }
    })
  }

  /** @param ratio device pixels a CSS pixel */
  resize(width: number, height: number, ratio: number): void {
    this.#size = { width: Math.max(1, width), height: Math.max(1, height) }
    this.#surface.resize(this.#size.width, this.#size.height, ratio)
  }

  /** Draws one picture. */
  render({ steps, layout, turn = noTurn }: Frame): void {
    this.#actors.forEach(({ track, mesh, goal, poses }, index) => {
      positionsAt(this.#description, track.positions, steps[index] ?? 0, this.#positions)
      this.#kinematics.poses(this.#positions, 0, poses)
      mesh.place(poses)
      goal.place(poses)
    })
    const { renderer } = this.#surface
    const panes = panesOf(this.#actors.length, layout, this.#size)
    if (panes.length > 1) this.#clear()
    panes.forEach(({ x, y, width, height, tracks }) => {
      const seen = this.#actors.map(({ poses, track }, index): Seen => {
        return { poses, step: steps[index] ?? 0, length: track.length }
      })
      this.#actors.forEach((actor, index) =>
        this.#show(actor, tracks.indexOf(index), tracks.length > 1 && !goesOn(seen[index]!))
      )
      if (this.#worldGoal !== null)
        this.#worldGoal.visible = tracks.some(index => this.#actors[index]?.ownGoal === null)
      const [first, ...others] = tracks.flatMap(index => seen[index] ?? [])
      if (first) this.#look([first, ...others], turn, width / height)
      const bottom = this.#size.height - y - height
      renderer.setViewport(x, bottom, width, height)
      renderer.setScissor(x, bottom, width, height)
      renderer.render(this.#scene, this.#camera)
    })
  }

  /** Between the panes nothing is drawn. */
  #clear(): void {
    const { renderer } = this.#surface
    renderer.setScissor(0, 0, this.#size.width, this.#size.height)
    renderer.setClearColor(this.#sky)
    renderer.clear(true, false, false)
  }

  /** The first of a pane is solid, the others are its ghosts; whose episode has ended is paler than both. */
  #show({ mesh, material }: Actor, place: number, ended: boolean): void {
    mesh.group.visible = place >= 0
    material.setOpacity(opacityOf(place, ended))
    mesh.group.renderOrder = place
  }

  #look(robots: readonly [Seen, ...Seen[]], turn: CameraTurn, aspect: number): void {
    const { eye, target, fieldOfView } = cameraOfAll(this.#description, robots, aspect, turn)
    this.#camera.fov = fieldOfView
    this.#camera.aspect = aspect
    this.#camera.position.set(...eye)
    this.#camera.lookAt(...target)
    const distance = Math.hypot(eye[0] - target[0], eye[1] - target[1], eye[2] - target[2])
    this.#haze.fade.value.set(distance * 1.3, distance * 1.3 + fadeLength)
    // Nothing is left to see beyond.
    Object.assign(this.#camera, { near: distance / 20, far: distance * 1.3 + fadeLength })
    this.#camera.updateProjectionMatrix()
    this.#ground.moveTo(target[0], target[1])
  }

  /** Frees all that is its own, the context of a canvas too: that canvas cannot have another stage. */
  dispose(): void {
    this.setTracks([])
    for (const geometry of this.#geometries) geometry?.dispose()
    for (const material of [this.#goalMaterial, ...Object.values(this.#world)]) material.dispose()
    this.#ground.geometry.dispose()
    this.#ground.material.dispose()
    if (this.#ownsSurface) this.#surface.dispose()
  }
}
