// The audio worklet of the tab Live: hands the microphone's sound over in short pieces of 16 bit. The page loads it by
// its address, because the Content-Security-Policy allows no script that the page makes itself.
class LiveMicrophone extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.size = processorOptions.size;
    this.piece = new Int16Array(this.size);
    this.filled = 0;
  }

  process([[samples]]) {
    if (!samples) return true; // nothing is connected yet
    for (let place = 0; place < samples.length; place++) {
      this.piece[this.filled++] = Math.max(-1, Math.min(1, samples[place])) * 32767;
      if (this.filled < this.size) continue;
      // When the last sample of the piece came in, by the context's clock.
      this.port.postMessage({ piece: this.piece, at: currentTime + (place + 1) / sampleRate }, [this.piece.buffer]);
      this.piece = new Int16Array(this.size);
      this.filled = 0;
    }
    return true;
  }
}
registerProcessor("live-microphone", LiveMicrophone);
