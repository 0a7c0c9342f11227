/** The same class without its clusters, as GitHub's plugins load it: its package types only the whole. */
declare module 'bottleneck/light.js' {
  import Bottleneck from 'bottleneck';
  export default Bottleneck;
}
