_base_ = './rtmpose-m_8xb256-420e_body8-384x288.py'
model = _base_.rtmpose.body7_384x288.l
