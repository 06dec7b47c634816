// The transport by WebRTC: pictures and sound come over UDP, where a lost packet holds nothing up, and all else over the
// WebSocket, the microphone's sound too. Where no UDP gets through, the server goes on sending frames on the WebSocket.
// Besides what every transport calls: on.media(stream), which plays from now on; null: the frames have it all again.
// On one machine nothing is lost, and the browser's buffers would only add to the delay.
const NEAR = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const BETWEEN_LOOKS = 1000; // milliseconds between two looks at the browser's buffers
const DEAF = 3; // looks without a new picture, of which the server sends two a second even when nothing moves
const GATHERING = 2000; // milliseconds; a TURN server that does not answer is left out

function webrtcTransport(on) {
  let peer = null, looking = null, buffered = 0, received = 0, deaf = 0;
  const socket = socketTransport({ ...on, event: hear, closed: gone });

  async function offer({ ice_servers: iceServers }) {
    const mine = new RTCPeerConnection({ iceServers }), stream = new MediaStream();
    peer = mine;
    mine.ontrack = ({ track, receiver }) => {
      receiver.jitterBufferTarget = 0; // as short as the network allows
      stream.addTrack(track);
    };
    mine.onconnectionstatechange = () => { if (peer === mine && mine.connectionState === "failed") giveUp(); };
    mine.stream = stream;
    for (const kind of ["audio", "video"]) mine.addTransceiver(kind, { direction: "recvonly" });
    await mine.setLocalDescription(await mine.createOffer());
    await new Promise((done) => {
      const look = () => { if (mine.iceGatheringState === "complete") done(); };
      mine.onicegatheringstatechange = look;
      look();
      setTimeout(done, GATHERING);
    });
    if (peer === mine) socket.send({ type: "offer", sdp: mine.localDescription.sdp });
  }

  function hear(message) {
    const can = window.RTCPeerConnection && !NEAR.test(location.hostname);
    if (message.type === "ready" && message.webrtc && can) offer(message.webrtc).catch(drop);
    if (message.type === "answer" && peer) peer.setRemoteDescription(message).catch(drop);
    if (message.type === "webrtc" && peer) {
      const plays = message.state === "connected";
      clearInterval(looking);
      received = deaf = 0;
      if (plays) looking = setInterval(() => look(peer), BETWEEN_LOOKS);
      on.media(plays ? peer.stream : null);
      if (!plays) drop();
    }
    on.event(message);
  }
  // The seconds for which a picture waits in the browser, and half of the way there and back. If no pictures come, the
  // server would notice only half a minute later.
  async function look(mine) {
    let waited = 0, way = 0, came = 0;
    for (const report of (await mine.getStats()).values()) {
      if (report.kind === "video") came = Math.max(came, report.framesReceived || 0);
      if (report.kind === "video" && report.jitterBufferEmittedCount) waited = report.jitterBufferDelay / report.jitterBufferEmittedCount;
      if (report.nominated && report.currentRoundTripTime) way = report.currentRoundTripTime / 2;
    }
    buffered = waited + way;
    deaf = came > received ? 0 : deaf + 1;
    received = came;
    if (deaf >= DEAF && peer === mine) giveUp();
  }
  function giveUp() {
    drop();
    socket.send({ type: "stop_webrtc" });
  }
  function drop() {
    clearInterval(looking);
    if (peer) { peer.close(); on.media(null); }
    peer = null;
  }
  function gone(code, reason) { drop(); on.closed(code, reason); }

  return {
    ...socket,
    get buffered() { return buffered; },
    linger(hear) { drop(); return socket.linger(hear); },
    close() { drop(); socket.close(); },
  };
}
