import { Color, ShaderMaterial, SRGBColorSpace, Vector2, Vector3 } from 'three'

/** Where things fade into the sky, and its colour; shared by all materials of a scene. */
export interface Haze {
  readonly sky: { readonly value: Vector3 }
  /** Distances where it begins and where nothing is left. */
  readonly fade: { readonly value: Vector2 }
}

export const newHaze = (): Haze => ({ sky: { value: new Vector3() }, fade: { value: new Vector2(1, 2) } })

/** Writes a colour as the screen has it: shaders work on those, because converting would cost every pixel. */
export const setColour = (to: Vector3, colour: string): void => {
  const { r, g, b } = new Color(colour).getRGB({ r: 0, g: 0, b: 0 }, SRGBColorSpace)
  to.set(r, g, b)
}

const hazeText = `
  uniform vec3 sky;
  uniform vec2 fade;
  varying float depth;
  vec3 inHaze(vec3 colour) {
    return mix(colour, sky, clamp((depth - fade.x) / (fade.y - fade.x), 0.0, 1.0));
  }`

const placeText = `
    vec4 seen = modelViewMatrix * vec4(position, 1.0);
    depth = -seen.z;
    gl_Position = projectionMatrix * seen;`

// A sun, the sky above and what the ground throws back (Lambert's law), added as light and shown as the screen wants it. By vertex:
// bodies are round and small, walls are flat, and software renderers pay for every pixel.
const bodyVertex = `
  uniform vec3 colour;
  varying vec3 lit;
  varying float depth;
  const vec3 sun = vec3(-0.303, -0.505, 0.808);
  const vec3 below = vec3(0.254, 0.292, 0.366);
  void main() {
    vec3 n = normalize(mat3(modelMatrix) * normal);
    vec3 light = 0.7 * max(dot(n, sun), 0.0) + 0.446 * mix(below, vec3(1.0), 0.5 + 0.5 * n.z) + 0.111;
    lit = min(colour * pow(light, vec3(1.0 / 2.2)), vec3(1.0));
    ${placeText}
  }`
const bodyFragment = `
  uniform float opacity;
  varying vec3 lit;
  ${hazeText}
  void main() {
    gl_FragColor = vec4(inHaze(lit), opacity);
  }`

/** What robots, walls and goals are made of. */
export class BodyMaterial extends ShaderMaterial {
  constructor(colour: string, haze: Haze, opacity = 1) {
    super({
      vertexShader: bodyVertex,
      fragmentShader: bodyFragment,
      uniforms: { ...haze, colour: { value: new Vector3() }, opacity: { value: 1 } }
    })
    this.setColour(colour)
    this.setOpacity(opacity)
  }

  setColour(colour: string): void {
    setColour(this.uniforms.colour?.value as Vector3, colour)
  }

  setOpacity(opacity: number): void {
    Object.assign(this.uniforms.opacity ?? {}, { value: opacity })
    // The same program serves both.
    this.transparent = opacity < 1
  }
}

const groundVertex = `
  varying vec2 place;
  varying float depth;
  void main() {
    place = position.xy;
    ${placeText}
  }`
// Where lines come closer than a few pixels they would only flicker, so they fade.
const groundFragment = `
  uniform vec3 ground, line;
  varying vec2 place;
  ${hazeText}
  void main() {
    vec2 pixel = fwidth(place);
    vec2 off = abs(fract(place + 0.5) - 0.5) / pixel;
    vec2 drawn = clamp(1.0 - off, 0.0, 1.0) * clamp(2.0 - 6.0 * pixel, 0.0, 1.0);
    gl_FragColor = vec4(inHaze(mix(ground, line, max(drawn.x, drawn.y))), 1.0);
  }`

/** A floor with a line every metre of its own plane: software renderers pay for every line and layer that is drawn apart. */
export class GroundMaterial extends ShaderMaterial {
  constructor(haze: Haze) {
    super({
      vertexShader: groundVertex,
      fragmentShader: groundFragment,
      uniforms: { ...haze, ground: { value: new Vector3() }, line: { value: new Vector3() } }
    })
  }

  setColours(ground: string, line: string): void {
    setColour(this.uniforms.ground?.value as Vector3, ground)
    setColour(this.uniforms.line?.value as Vector3, line)
  }
}
