// The transport over a WebSocket: sound up, and down each frame with its sound and its picture in one message.
// Every transport has connect(ticket), sendSound(samples, rate), send(message) and close(), and calls on.event(message),
// on.frame(frame) and on.closed(code, reason). linger(hear) is a close() that hears the server's last messages; false if there is no connection.
// live_session.js knows no more of it.
const HEADER = 12; // bytes before the sound, see docs/live-api.md
const MOST_UNSENT = 0.5; // seconds of sound; what a slow network cannot take is left out
const NO_DELAY = 0xffff;
const SHOWN_EVERY = 5; // frames; the server leaves out pictures for who is behind

function socketTransport(on) {
  let socket = null, sentRate = 0;

  function frameOf(data) {
    const head = new DataView(data), flags = head.getUint8(4), bytes = head.getUint32(8, true);
    const delay = head.getUint16(6, true);
    return {
      index: head.getUint32(0, true),
      speaking: Boolean(flags & 1),
      ends: Boolean(flags & 2),
      sound: new Int16Array(data.slice(HEADER, HEADER + bytes)),
      picture: flags & 4 ? new Uint8Array(data, HEADER + bytes) : null,
      delay: delay === NO_DELAY ? null : delay,
    };
  }

  return {
    connect(ticket) {
      const address = new URL("live/v1", document.baseURI);
      address.protocol = address.protocol.replace("http", "ws");
      address.search = "";
      socket = new WebSocket(address);
      socket.binaryType = "arraybuffer";
      sentRate = 0;
      const mine = socket;
      socket.onopen = () => mine.send(JSON.stringify({ type: "open", ticket, picture: "jpeg" }));
      socket.onmessage = ({ data }) => {
        if (mine.hearLast) {
          if (typeof data === "string") mine.hearLast(JSON.parse(data));
        } else if (typeof data === "string") on.event(JSON.parse(data));
        else {
          const frame = frameOf(data);
          on.frame(frame);
          if (frame.index % SHOWN_EVERY === 0 && mine.readyState === WebSocket.OPEN) {
            mine.send(JSON.stringify({ type: "shown", frame_index: frame.index }));
          }
        }
      };
      socket.onclose = ({ code, reason }) => { if (socket === mine) { socket = null; on.closed(code, reason); } };
    },
    // Whether it was sent.
    sendSound(samples, rate) {
      if (!socket || socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > 2 * rate * MOST_UNSENT) return false;
      if (rate !== sentRate) this.send({ type: "audio", sample_rate: rate });
      sentRate = rate;
      socket.send(samples);
      return true;
    },
    send(message) {
      if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    linger(hear) {
      const last = socket;
      socket = null;
      if (!last || last.readyState !== WebSocket.OPEN) return false;
      last.hearLast = hear;
      last.send(JSON.stringify({ type: "close" })); // the server closes the connection once it has said everything
      return true;
    },
    close() {
      const closing = socket;
      socket = null;
      if (!closing) return;
      if (closing.readyState === WebSocket.OPEN) closing.send(JSON.stringify({ type: "close" }));
      closing.close(1000);
    },
  };
}
