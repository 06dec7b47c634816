"""The engine `joyvasa`: voice to motion by diffusion, motion to pictures by warping one portrait."""
