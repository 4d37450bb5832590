_base_ = './rtmpose-m_8xb256-420e_body8-256x192.py'
model = _base_.rtmpose.body7_256x192.l
