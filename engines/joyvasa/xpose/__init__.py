"""X-Pose (UniPose): finds an animal's face and its landmarks from words. Non-commercial licence."""
