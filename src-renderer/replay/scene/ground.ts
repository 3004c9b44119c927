import { Mesh, PlaneGeometry } from 'three'
import { GroundMaterial, type Haze } from './materials.ts'

/** Metres; further than any camera sees. */
const size = 2000

/** The floor, with a line every metre. */
export class Ground extends Mesh<PlaneGeometry, GroundMaterial> {
  constructor(haze: Haze) {
    super(new PlaneGeometry(size, size), new GroundMaterial(haze))
    // Drawn after what stands on it: what is hidden costs nothing.
    this.renderOrder = 1
  }

  /** Lies below a place, by whole metres: the lines stay where they are, and are exact however far the place is. */
  moveTo(x: number, y: number): void {
    this.position.set(Math.round(x), Math.round(y), -0.002)
  }
}
